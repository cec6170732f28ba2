#define _GNU_SOURCE
#include "vmm_book.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>

// Handles and mappings point to the piece; it is freed with the last of them.
struct piece {
    struct sluice_vmm_piece held;
    uint64_t handles, mappings;
};

struct name {
    uint64_t handle, references;
    struct piece *piece;
};

struct mapping {
    uint64_t address, bytes;
    struct piece *piece;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *names;    // a tree of struct name, by handle
static void *mappings; // a tree of struct mapping, by address; two that overlap count as equal

static int by_handle(const void *a, const void *b);
static int by_address(const void *a, const void *b);
static struct name *find_name(uint64_t handle);
static struct mapping *find_mapping(uint64_t address, uint64_t bytes);
static int add_name(uint64_t handle, struct piece *piece);
static struct sluice_vmm_piece let_go(struct piece *piece);

void sluice_vmm_lock(void) {
    pthread_mutex_lock(&lock);
}

void sluice_vmm_unlock(void) {
    pthread_mutex_unlock(&lock);
}

int sluice_vmm_created(uint64_t handle, struct sluice_vmm_piece held) {
    struct piece *piece = malloc(sizeof *piece);
    if (!piece) {
        return -1;
    }
    *piece = (struct piece){.held = held};
    if (add_name(handle, piece)) {
        free(piece);
        return -1;
    }
    return 0;
}

struct sluice_vmm_piece *sluice_vmm_find(uint64_t handle) {
    struct name *name = find_name(handle);
    return name ? &name->piece->held : NULL;
}

void sluice_vmm_retained(uint64_t handle, uint64_t address) {
    struct name *name = find_name(handle);
    struct mapping *mapping = find_mapping(address, 1);
    if (name) {
        name->references++;
    } else if (mapping) {
        add_name(handle, mapping->piece);
    }
}

struct sluice_vmm_piece sluice_vmm_handle_released(uint64_t handle) {
    struct name *name = find_name(handle);
    if (!name || --name->references > 0) {
        return (struct sluice_vmm_piece){0};
    }
    struct piece *piece = name->piece;
    tdelete(name, &names, by_handle);
    free(name);
    piece->handles--;
    return let_go(piece);
}

int sluice_vmm_mapped(uint64_t address, uint64_t bytes, uint64_t handle) {
    struct name *name = find_name(handle);
    if (!name) {
        return 0;
    }
    struct mapping *mapping = malloc(sizeof *mapping);
    if (!mapping) {
        return -1;
    }
    *mapping = (struct mapping){.address = address, .bytes = bytes, .piece = name->piece};
    if (!tsearch(mapping, &mappings, by_address)) {
        free(mapping);
        return -1;
    }
    name->piece->mappings++;
    return 0;
}

struct sluice_vmm_piece sluice_vmm_unmapped(uint64_t address, uint64_t bytes, int *found) {
    struct mapping *mapping = find_mapping(address, bytes);
    *found = mapping != NULL;
    if (!mapping) {
        return (struct sluice_vmm_piece){0};
    }
    struct piece *piece = mapping->piece;
    tdelete(mapping, &mappings, by_address);
    free(mapping);
    piece->mappings--;
    return let_go(piece);
}

// The trees are left to leak: another thread of the parent may have been inside malloc.
void sluice_vmm_reset_after_fork(void) {
    pthread_mutex_init(&lock, NULL);
    names = NULL;
    mappings = NULL;
}

static int by_handle(const void *a, const void *b) {
    uint64_t left = ((const struct name *)a)->handle, right = ((const struct name *)b)->handle;
    return left < right ? -1 : left > right;
}

static int by_address(const void *a, const void *b) {
    const struct mapping *left = a, *right = b;
    if (left->address < right->address) {
        return right->address - left->address < left->bytes ? 0 : -1;
    }
    return left->address - right->address < right->bytes ? 0 : left->address != right->address;
}

static struct name *find_name(uint64_t handle) {
    struct name **found = tfind(&(struct name){.handle = handle}, &names, by_handle);
    return found ? *found : NULL;
}

static struct mapping *find_mapping(uint64_t address, uint64_t bytes) {
    struct mapping **found = tfind(&(struct mapping){.address = address, .bytes = bytes}, &mappings, by_address);
    return found ? *found : NULL;
}

static int add_name(uint64_t handle, struct piece *piece) {
    struct name *name = malloc(sizeof *name);
    if (!name) {
        return -1;
    }
    *name = (struct name){.handle = handle, .references = 1, .piece = piece};
    if (!tsearch(name, &names, by_handle)) {
        free(name);
        return -1;
    }
    piece->handles++;
    return 0;
}

static struct sluice_vmm_piece let_go(struct piece *piece) {
    struct sluice_vmm_piece held = {0};
    if (!piece->handles && !piece->mappings) {
        held = piece->held;
        free(piece);
    }
    return held;
}
