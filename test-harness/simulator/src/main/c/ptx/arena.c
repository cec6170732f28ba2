#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ptx_arena_chunk {
    struct ptx_arena_chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

static const size_t CHUNK_BYTES = 64 * 1024;

void *ptx_arena_take(struct ptx_arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t rounded = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct ptx_arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < rounded) {
        size_t size = rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES;
        chunk = calloc(1, sizeof *chunk + size);
        if (!chunk) return NULL;
        chunk->size = size;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *taken = (char *)chunk->bytes + chunk->used;
    chunk->used += rounded;
    return taken;
}

char *ptx_arena_copy(struct ptx_arena *arena, const char *text, size_t length)
{
    char *copy = ptx_arena_take(arena, length + 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void ptx_arena_free(struct ptx_arena *arena)
{
    while (arena->chunks) {
        struct ptx_arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
}

int ptx_grow(void **array, size_t *capacity, size_t count, size_t element_bytes)
{
    if (count < *capacity) return 1;
    size_t wanted = *capacity ? *capacity * 2 : 64;
    if (wanted > SIZE_MAX / element_bytes) return 0;
    void *grown = realloc(*array, wanted * element_bytes);
    if (!grown) return 0;
    *array = grown;
    *capacity = wanted;
    return 1;
}
