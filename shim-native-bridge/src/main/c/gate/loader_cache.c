#define _GNU_SOURCE
#include "loader_cache.h"

#include "file_status.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The format of glibc 2.2 and later (sysdeps/generic/dl-cache.h); older ones put an older format before it, which nobody
// has written for twenty years and which is not read here.
static const char MAGIC[] = "glibc-ld.so.cache1.1";
// FLAG_ELF_LIBC6 (3) and the processor's.
#ifdef __aarch64__
enum { OWN_FLAGS = 0x0a03 };
#else
enum { OWN_FLAGS = 0x0303 };
#endif

struct entry {
    int32_t flags;
    uint32_t name, path; // offsets from the start of the file
    uint32_t os_version;
    uint64_t hardware;
};

struct cache {
    char magic[20];
    uint32_t entries;
    uint32_t string_bytes;
    uint32_t unused[5];
    struct entry entry[];
};

static const char *string_at(const char *bytes, size_t size, uint32_t offset) {
    return offset < size && memchr(bytes + offset, 0, size - offset) ? bytes + offset : "";
}

int sluice_loader_cache_each(const char *name, int (*visit)(const char *path, void *context), void *context) {
    int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
    struct stat status;
    const struct cache *cache = MAP_FAILED;
    if (fd >= 0 && sluice_status_of(fd, &status) == 0 && (size_t)status.st_size > sizeof *cache) {
        cache = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (cache == MAP_FAILED) {
        return 0;
    }
    size_t size = (size_t)status.st_size;
    int result = 0;
    if (!memcmp(cache->magic, MAGIC, sizeof cache->magic) && cache->entries <= (size - sizeof *cache) / sizeof(struct entry)) {
        for (uint32_t i = 0; i < cache->entries && !result; i++) {
            const struct entry *entry = &cache->entry[i];
            if (entry->flags == OWN_FLAGS && !strcmp(string_at((const char *)cache, size, entry->name), name)) {
                result = visit(string_at((const char *)cache, size, entry->path), context);
            }
        }
    }
    munmap((void *)cache, size);
    return result;
}
