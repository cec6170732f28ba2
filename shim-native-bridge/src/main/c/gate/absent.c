#define _GNU_SOURCE
#include "absent.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct symbols {
    ElfW(Sym) *table;
    const char *strings;
    uint32_t count;
};

static int own_symbols(struct symbols *symbols);
static void hide(const struct symbols *symbols, const char *const *lacking, int count);
static int by_name(const void *name, const void *element);

void sluice_hide_absent(const char *const *lacking, int count) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // one closes the pages that another writes
    struct symbols symbols;
    if (count > 0 && own_symbols(&symbols)) {
        pthread_mutex_lock(&lock);
        hide(&symbols, lacking, count);
        pthread_mutex_unlock(&lock);
    }
}

static void hide(const struct symbols *symbols, const char *const *lacking, int count) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)symbols->table & ~(page - 1);
    size_t length = ((uintptr_t)(symbols->table + symbols->count) - start + page - 1) & ~(page - 1);
    if (mprotect((void *)start, length, PROT_READ | PROT_WRITE)) {
        return; // a hardened kernel: the names stay, and answer CUDA_ERROR_NOT_SUPPORTED
    }
    for (uint32_t i = 0; i < symbols->count; i++) {
        const char *name = symbols->strings + symbols->table[i].st_name;
        if (bsearch(name, lacking, (size_t)count, sizeof *lacking, by_name)) {
            symbols->table[i].st_value = 0;
        }
    }
    mprotect((void *)start, length, PROT_READ);
}

static int own_symbols(struct symbols *symbols) {
    struct link_map *map;
    Dl_info info;
    if (!dladdr1((void *)sluice_hide_absent, &info, (void **)&map, RTLD_DL_LINKMAP)) {
        return 0;
    }
    const uint32_t *hash = NULL;
    *symbols = (struct symbols){0};
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_SYMTAB) {
            symbols->table = (void *)entry->d_un.d_ptr;
        } else if (entry->d_tag == DT_STRTAB) {
            symbols->strings = (void *)entry->d_un.d_ptr;
        } else if (entry->d_tag == DT_HASH) {
            hash = (void *)entry->d_un.d_ptr;
        }
    }
    symbols->count = hash ? hash[1] : 0; // the number of chains is the number of symbols (System V ABI, "Hash Table")
    return symbols->table && symbols->strings && symbols->count;
}

static int by_name(const void *name, const void *element) {
    return strcmp(name, *(const char *const *)element);
}
