// exec_launch.c: one launch of an executable graph. All operations are made before any is handed over, so that a launch happens
// whole or not at all.
#include <stdlib.h>

#include "graph/exec.h"
#include "graph/memory_node.h"

// What a launch is made of, by step.
struct launching {
    struct operations *operations;
    struct moment **moments; // when the step is over
    struct operation *begin, *join; // for the launching stream
};

static CUresult check_steps(const struct plan *plan) {
    for (uint32_t i = 0; i < plan->count; i++) {
        CUgraphNode node = plan->steps[i].node;
        CUresult result = node ? work_check(&node->work) : CUDA_SUCCESS;
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

static CUresult open_branches(struct plan *plan) {
    for (uint32_t i = 0; i < plan->branch_count; i++) {
        struct branch *branch = &plan->branches[i];
        if (!context_is(branch->context) || !branch->context->open) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
        if (branch->stream && stream_is(branch->stream)
            && atomic_load(&branch->stream->pooled.generation) == branch->generation)
            continue;
        enum { NON_BLOCKING = 1 };
        branch->stream = stream_open(&branch->context->queue, NON_BLOCKING, 0, NULL);
        if (!branch->stream) return CUDA_ERROR_OUT_OF_MEMORY;
        branch->generation = atomic_load(&branch->stream->pooled.generation);
    }
    return CUDA_SUCCESS;
}

// An event record signals already: that moment serves.
static CUresult give_moment(struct operations *operations, struct queue *queue, struct moment **moment) {
    struct operation *last = operations->second ? operations->second : operations->first;
    if (!last->signal) last->signal = moment_new(queue);
    if (!last->signal) return CUDA_ERROR_OUT_OF_MEMORY;
    *moment = moment_hold(last->signal);
    return CUDA_SUCCESS;
}

static CUresult make_step(const struct plan *plan, uint32_t index, struct launching *launching) {
    static const struct work nothing = {.type = WORK_EMPTY};
    CUgraphNode node = plan->steps[index].node;
    const struct work *work = node && !node->disabled && node->work.type != WORK_GRAPH ? &node->work : &nothing;
    struct queue *queue = plan->branches[plan->steps[index].branch].stream->queue;
    CUresult result = work_operations(work, queue, &launching->operations[index]);
    return result != CUDA_SUCCESS ? result : give_moment(&launching->operations[index], queue, &launching->moments[index]);
}

static CUresult make_all(const struct plan *plan, struct stream *stream, struct launching *launching) {
    launching->operations = calloc(plan->count, sizeof *launching->operations);
    launching->moments = calloc(plan->count, sizeof *launching->moments);
    launching->begin = operation_new(NULL, ENGINE_NONE, 0);
    launching->join = operation_new(NULL, ENGINE_NONE, 0);
    if (!launching->operations || !launching->moments || !launching->begin || !launching->join) return CUDA_ERROR_OUT_OF_MEMORY;
    launching->begin->signal = moment_new(stream->queue);
    if (!launching->begin->signal) return CUDA_ERROR_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < plan->count; i++) {
        CUresult result = make_step(plan, i, launching);
        if (result != CUDA_SUCCESS) return result;
    }
    launching->join->wait = moment_hold(launching->moments[plan->count - 1]);
    return CUDA_SUCCESS;
}

static void drop_all(const struct plan *plan, struct launching *launching, int operations_too) {
    for (uint32_t i = 0; i < plan->count; i++) {
        if (operations_too && launching->operations) operations_drop(&launching->operations[i]);
        if (launching->moments) moment_drop(launching->moments[i]);
    }
    if (operations_too && launching->begin) operation_free(launching->begin);
    if (operations_too && launching->join) operation_free(launching->join);
    free(launching->operations);
    free(launching->moments);
}

// An operation waits for one moment, so more of them take operations of their own. Those are not in the count of what was made
// beforehand: without memory for one, waiting here does the same.
static void submit_wait(struct stream *stream, struct moment *moment) {
    struct operation *operation = operation_new(NULL, ENGINE_NONE, 0);
    if (!operation) {
        moment_wait(moment);
        return;
    }
    operation->wait = moment_hold(moment);
    queue_submit(stream, operation);
}

static void submit_step(const struct plan *plan, uint32_t index, struct launching *launching) {
    const struct step *step = &plan->steps[index];
    struct stream *stream = plan->branches[step->branch].stream;
    struct operation *first = launching->operations[index].first;
    for (uint32_t i = 0; i < step->need_count; i++) {
        if (plan->steps[step->needs[i]].branch == step->branch) continue; // its stream's order says so
        struct moment *need = launching->moments[step->needs[i]];
        if (first->wait) submit_wait(stream, need);
        else first->wait = moment_hold(need);
    }
    operations_submit(stream, &launching->operations[index]);
}

static void submit_all(CUgraphExec exec, struct stream *stream, struct launching *launching) {
    const struct plan *plan = &exec->plan;
    struct moment *begun = moment_hold(launching->begin->signal);
    queue_submit(stream, launching->begin);
    queue_submit(stream, launching->join);
    launching->operations[0].first->wait = begun;
    if (exec->last) submit_wait(plan->branches[plan->steps[0].branch].stream, exec->last);
    for (uint32_t i = 0; i < plan->count; i++) submit_step(plan, i, launching);
    moment_drop(exec->last);
    exec->last = moment_hold(launching->moments[plan->count - 1]);
}

CUresult exec_launch(CUgraphExec exec, struct stream *stream) {
    struct launching launching = {0};
    CUresult result = check_steps(&exec->plan);
    if (result == CUDA_SUCCESS) result = open_branches(&exec->plan);
    if (result == CUDA_SUCCESS) result = make_all(&exec->plan, stream, &launching);
    if (result == CUDA_SUCCESS) result = memory_node_launch(exec->graph, (exec->flags & EXEC_AUTO_FREE) != 0);
    if (result == CUDA_SUCCESS) submit_all(exec, stream, &launching);
    drop_all(&exec->plan, &launching, result != CUDA_SUCCESS);
    return result;
}
