// user_object.c: see user_object.h.
#include "graph/user_object.h"

#include <limits.h>
#include <stdlib.h>

#include "driver/api.h"
#include "graph/graph.h"

struct user_object {
    struct pooled pooled;
    _Atomic uint32_t references;
    void *subject;
    CUhostFn destroy;
};

enum { NO_DESTRUCTOR_SYNC = 1, TRANSFER = 1 };

static struct pool objects = POOL(struct user_object, 1 << 18);

static void release(CUuserObject object, uint32_t count) {
    if (atomic_fetch_sub(&object->references, count) != count) return;
    CUhostFn destroy = object->destroy;
    void *subject = object->subject;
    pool_put(&objects, object);
    destroy(subject);
}

void objects_release(struct object_reference **list) {
    while (*list) {
        struct object_reference *reference = *list;
        *list = reference->next;
        release(reference->object, reference->count);
        free(reference);
    }
}

static CUresult add(struct object_reference **list, CUuserObject object, uint32_t count) {
    for (struct object_reference *reference = *list; reference; reference = reference->next) {
        if (reference->object != object) continue;
        reference->count += count;
        return CUDA_SUCCESS;
    }
    struct object_reference *reference = malloc(sizeof *reference);
    if (!reference) return CUDA_ERROR_OUT_OF_MEMORY;
    *reference = (struct object_reference){*list, object, count};
    *list = reference;
    return CUDA_SUCCESS;
}

CUresult objects_share(struct object_reference **to, const struct object_reference *from) {
    for (; from; from = from->next) {
        CUresult result = add(to, from->object, 1);
        if (result != CUDA_SUCCESS) return result;
        atomic_fetch_add(&from->object->references, 1);
    }
    return CUDA_SUCCESS;
}

CUresult cuUserObjectCreate(CUuserObject *object_out, void *ptr, CUhostFn destroy, unsigned int initialRefcount,
                            unsigned int flags) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!object_out || !destroy || !initialRefcount || initialRefcount > INT_MAX || flags != NO_DESTRUCTOR_SYNC)
        return CUDA_ERROR_INVALID_VALUE;
    CUuserObject object = pool_take(&objects);
    if (!object) return CUDA_ERROR_OUT_OF_MEMORY;
    object->subject = ptr;
    object->destroy = destroy;
    atomic_store(&object->references, initialRefcount);
    *object_out = object;
    return CUDA_SUCCESS;
}

static CUresult check(CUuserObject object, unsigned count) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    return pool_has(&objects, object) && count && count <= INT_MAX ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuUserObjectRetain(CUuserObject object, unsigned int count) {
    CUresult result = check(object, count);
    if (result == CUDA_SUCCESS) atomic_fetch_add(&object->references, count);
    return result;
}

CUresult cuUserObjectRelease(CUuserObject object, unsigned int count) {
    CUresult result = check(object, count);
    if (result != CUDA_SUCCESS) return result;
    if (count > atomic_load(&object->references)) return CUDA_ERROR_INVALID_VALUE;
    release(object, count);
    return CUDA_SUCCESS;
}

CUresult cuGraphRetainUserObject(CUgraph graph, CUuserObject object, unsigned int count, unsigned int flags) {
    CUresult result = check(object, count);
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(graph) || flags & ~(unsigned)TRANSFER) return CUDA_ERROR_INVALID_VALUE;
    result = add(&graph->objects, object, count);
    if (result == CUDA_SUCCESS && !(flags & TRANSFER)) atomic_fetch_add(&object->references, count);
    return result;
}

CUresult cuGraphReleaseUserObject(CUgraph graph, CUuserObject object, unsigned int count) {
    CUresult result = check(object, count);
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(graph)) return CUDA_ERROR_INVALID_VALUE;
    struct object_reference **link = &graph->objects;
    while (*link && (*link)->object != object) link = &(*link)->next;
    if (!*link || (*link)->count < count) return CUDA_ERROR_INVALID_VALUE;
    (*link)->count -= count;
    if ((*link)->count == 0) {
        struct object_reference *empty = *link;
        *link = empty->next;
        free(empty);
    }
    release(object, count);
    return CUDA_SUCCESS;
}
