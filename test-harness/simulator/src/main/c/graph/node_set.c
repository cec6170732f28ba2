// node_set.c: see graph.h.
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

static int reserve(struct node_set *set, size_t count) {
    if (count <= set->capacity) return 0;
    size_t capacity = set->capacity * 2 > count ? set->capacity * 2 : count;
    CUgraphNode *grown = realloc(set->node, capacity * sizeof *grown);
    if (!grown) return -1;
    set->node = grown;
    set->capacity = capacity;
    return 0;
}

int node_set_has(const struct node_set *set, CUgraphNode node) {
    for (size_t i = 0; i < set->count; i++)
        if (set->node[i] == node) return 1;
    return 0;
}

int node_set_add(struct node_set *set, CUgraphNode node) {
    if (reserve(set, set->count + 1) != 0) return -1;
    set->node[set->count++] = node;
    return 0;
}

void node_set_remove(struct node_set *set, CUgraphNode node) {
    for (size_t i = 0; i < set->count; i++) {
        if (set->node[i] != node) continue;
        memmove(&set->node[i], &set->node[i + 1], (set->count - i - 1) * sizeof *set->node);
        set->count--;
        return;
    }
}

int node_set_copy(struct node_set *to, const struct node_set *from) {
    if (reserve(to, from->count) != 0) return -1;
    if (from->count) memcpy(to->node, from->node, from->count * sizeof *from->node);
    to->count = from->count;
    return 0;
}

void node_set_free(struct node_set *set) {
    free(set->node);
    *set = (struct node_set){0};
}
