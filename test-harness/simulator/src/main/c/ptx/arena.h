// arena.h: memory that lives as long as its module and is freed at once.
#ifndef SLUICE_PTX_ARENA_H
#define SLUICE_PTX_ARENA_H

#include <stddef.h>

struct ptx_arena_chunk;
struct ptx_arena { struct ptx_arena_chunk *chunks; };

// Zeroed, aligned for any type; NULL when the host has no memory left.
void *ptx_arena_take(struct ptx_arena *arena, size_t bytes);
char *ptx_arena_copy(struct ptx_arena *arena, const char *text, size_t length);
void ptx_arena_free(struct ptx_arena *arena);

// Makes room for one more element in a malloc'ed array. 0 when there is no memory.
int ptx_grow(void **array, size_t *capacity, size_t count, size_t element_bytes);

#endif
