#define _GNU_SOURCE
#include "absent.h"

#include "entry.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct symbols {
    ElfW(Sym) *table;
    const char *strings;
    uint32_t count;
};

static int own_symbols(struct symbols *symbols);
static int function_named(const char *name);

void sluice_hide_absent(const unsigned char *lacking) {
    struct symbols symbols;
    if (!own_symbols(&symbols)) {
        return;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)symbols.table & ~(page - 1);
    size_t length = ((uintptr_t)(symbols.table + symbols.count) - start + page - 1) & ~(page - 1);
    if (mprotect((void *)start, length, PROT_READ | PROT_WRITE)) {
        return; // a hardened kernel: the names stay, and answer CUDA_ERROR_NOT_SUPPORTED
    }
    for (uint32_t i = 0; i < symbols.count; i++) {
        int function = function_named(symbols.strings + symbols.table[i].st_name);
        if (function >= 0 && lacking[function]) {
            symbols.table[i].st_value = 0;
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

static int function_named(const char *name) {
    int low = 0, high = SLUICE_FN_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2, order = strcmp(name, sluice_functions[middle].name);
        if (order == 0) {
            return middle;
        }
        *(order < 0 ? &high : &low) = order < 0 ? middle - 1 : middle + 1;
    }
    return -1;
}
