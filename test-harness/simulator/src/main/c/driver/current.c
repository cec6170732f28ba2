// current.c: each thread's stack of contexts. An entry remembers which life of the context it means.
#include "driver/context.h"
#include "driver/faults.h"

enum { STACK_DEPTH = 64 };

struct entry {
    CUcontext context;
    uint32_t generation;
};

static _Thread_local struct {
    struct entry entry[STACK_DEPTH];
    int depth;
} stack;

static _Thread_local int per_thread;

static int is_stale(const struct entry *entry) {
    return entry->context && (!context_is(entry->context) || atomic_load(&entry->context->pooled.generation) != entry->generation
                              || !atomic_load(&entry->context->open));
}

CUcontext current_top(int *stale) {
    *stale = stack.depth > 0 && is_stale(&stack.entry[stack.depth - 1]);
    return stack.depth > 0 ? stack.entry[stack.depth - 1].context : NULL;
}

static struct entry entry_of(CUcontext context) {
    return (struct entry){context, context ? atomic_load(&context->pooled.generation) : 0};
}

CUresult current_push(CUcontext context) {
    if (stack.depth == STACK_DEPTH) return CUDA_ERROR_INVALID_VALUE;
    stack.entry[stack.depth++] = entry_of(context);
    return CUDA_SUCCESS;
}

CUresult current_pop(CUcontext *context) {
    if (stack.depth == 0) return CUDA_ERROR_INVALID_CONTEXT;
    *context = stack.entry[--stack.depth].context;
    return CUDA_SUCCESS;
}

void current_replace(CUcontext context) {
    if (stack.depth > 0) stack.depth--;
    if (context) stack.entry[stack.depth++] = entry_of(context);
}

void current_forget(CUcontext context) {
    if (stack.depth > 0 && stack.entry[stack.depth - 1].context == context) stack.depth--;
}

CUresult context_current_even_broken(CUcontext *context) {
    int stale;
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (queue_inside()) return CUDA_ERROR_NOT_PERMITTED;
    *context = current_top(&stale);
    if (!*context) return CUDA_ERROR_INVALID_CONTEXT;
    return stale ? CUDA_ERROR_CONTEXT_IS_DESTROYED : CUDA_SUCCESS;
}

CUresult context_current(CUcontext *context) {
    faults_look();
    CUresult result = context_current_even_broken(context);
    return result != CUDA_SUCCESS ? result : (CUresult)atomic_load_explicit(&(*context)->queue.broken, memory_order_relaxed);
}

void per_thread_begin(void) {
    per_thread++;
}

void per_thread_end(void) {
    per_thread--;
}

CUresult stream_find(CUcontext current, CUstream handle, struct stream **stream) {
    uintptr_t number = (uintptr_t)handle;
    if (number == 0) number = per_thread ? 2 : 1;
    if (number == 1) {
        *stream = &current->queue.legacy;
        return CUDA_SUCCESS;
    }
    if (number == 2) {
        *stream = stream_of_thread(&current->queue, &stack);
        return *stream ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    }
    if (!stream_is(handle)) return CUDA_ERROR_INVALID_HANDLE;
    *stream = handle;
    return (CUresult)atomic_load(&(*stream)->queue->broken);
}
