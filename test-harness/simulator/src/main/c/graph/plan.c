// plan.c: in which order, and on which of its streams, an executable graph runs its nodes.
#include <stdlib.h>

#include "graph/exec.h"

enum { BRANCHES_MAX = 32, NO_BRANCH = UINT32_MAX };

struct planning {
    struct plan plan;
    CUcontext context;
    char *continued; // by step: a later step goes on in its branch
};

static struct step *add_step(struct planning *planning, CUgraphNode node, uint32_t need_count) {
    struct plan *plan = &planning->plan;
    if (plan->count == plan->capacity) {
        uint32_t capacity = plan->capacity ? 2 * plan->capacity : 16;
        struct step *grown = realloc(plan->steps, capacity * sizeof *grown);
        if (grown) plan->steps = grown;
        char *continued = grown ? realloc(planning->continued, capacity) : NULL;
        if (!continued) return NULL;
        planning->continued = continued;
        plan->capacity = capacity;
    }
    struct step *step = &plan->steps[plan->count];
    *step = (struct step){.node = node, .needs = calloc(need_count + 1, sizeof *step->needs)};
    if (!step->needs) return NULL;
    planning->continued[plan->count++] = 0;
    return step;
}

static uint32_t open_branch(struct planning *planning, CUcontext context) {
    struct plan *plan = &planning->plan;
    if (plan->branch_count < BRANCHES_MAX) {
        plan->branches[plan->branch_count] = (struct branch){.context = context};
        return plan->branch_count++;
    }
    return NO_BRANCH;
}

// Where branches run out, steps share one that they need not, which costs overlap and nothing else.
static uint32_t any_branch(const struct plan *plan, CUcontext context, uint32_t from) {
    for (uint32_t i = 0; i < plan->branch_count; i++) {
        uint32_t branch = (from + i) % plan->branch_count;
        if (plan->branches[branch].context == context) return branch;
    }
    return NO_BRANCH;
}

static CUresult choose_branch(struct planning *planning, struct step *step) {
    CUcontext context = step->node && step->node->work.context ? step->node->work.context : planning->context;
    struct plan *plan = &planning->plan;
    for (uint32_t i = 0; i < step->need_count; i++) {
        uint32_t need = step->needs[i], branch = plan->steps[need].branch;
        if (planning->continued[need] || plan->branches[branch].context != context) continue;
        planning->continued[need] = 1;
        step->branch = branch;
        return CUDA_SUCCESS;
    }
    step->branch = open_branch(planning, context);
    if (step->branch == NO_BRANCH) step->branch = any_branch(plan, context, plan->count);
    return step->branch == NO_BRANCH ? CUDA_ERROR_NOT_SUPPORTED : CUDA_SUCCESS; // more than 32 contexts in one graph
}

static CUresult add_nodes(struct planning *planning, CUgraph graph, uint32_t entry);

// The step that ends `graph`: after all its nodes that nothing else in it needs.
static CUresult add_end(struct planning *planning, CUgraph graph, const uint32_t *end_of, const char *needed, uint32_t entry) {
    struct step *end = add_step(planning, NULL, (uint32_t)graph->nodes.count + 1);
    if (!end) return CUDA_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < graph->nodes.count; i++)
        if (!needed[i]) end->needs[end->need_count++] = end_of[i];
    if (!end->need_count) end->needs[end->need_count++] = entry;
    return choose_branch(planning, end);
}

static CUresult add_node(struct planning *planning, CUgraphNode node, uint32_t *end_of, char *needed, uint32_t entry) {
    struct step *step = add_step(planning, node, (uint32_t)node->needs.count + 1);
    if (!step) return CUDA_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < node->needs.count; i++) {
        step->needs[step->need_count++] = end_of[node->needs.node[i]->index];
        needed[node->needs.node[i]->index] = 1;
    }
    if (!step->need_count) step->needs[step->need_count++] = entry;
    CUresult result = choose_branch(planning, step);
    if (result == CUDA_SUCCESS && node->work.type == WORK_GRAPH)
        result = add_nodes(planning, node->work.child, planning->plan.count - 1);
    end_of[node->index] = planning->plan.count - 1;
    return result;
}

// All nodes of `graph`, to begin after step `entry`, and a step that ends it.
static CUresult add_nodes(struct planning *planning, CUgraph graph, uint32_t entry) {
    CUgraphNode *sorted = NULL;
    size_t count = graph->nodes.count;
    uint32_t *end_of = calloc(count + 1, sizeof *end_of);
    char *needed = calloc(count + 1, 1);
    CUresult result = end_of && needed ? graph_sorted(graph, &sorted) : CUDA_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; result == CUDA_SUCCESS && i < count; i++) result = add_node(planning, sorted[i], end_of, needed, entry);
    if (result == CUDA_SUCCESS) result = add_end(planning, graph, end_of, needed, entry);
    free(sorted);
    free(needed);
    free(end_of);
    return result;
}

CUresult plan_make(CUgraph graph, CUcontext context, struct plan *plan) {
    struct planning planning = {.context = context};
    planning.plan.branches = calloc(BRANCHES_MAX, sizeof *planning.plan.branches);
    struct step *begin = planning.plan.branches ? add_step(&planning, NULL, 0) : NULL;
    CUresult result = begin ? choose_branch(&planning, begin) : CUDA_ERROR_OUT_OF_MEMORY;
    if (result == CUDA_SUCCESS) result = add_nodes(&planning, graph, 0);
    free(planning.continued);
    if (result == CUDA_SUCCESS) *plan = planning.plan;
    else plan_free(&planning.plan);
    return result;
}

void plan_free(struct plan *plan) {
    for (uint32_t i = 0; i < plan->count; i++) free(plan->steps[i].needs);
    for (uint32_t i = 0; i < plan->branch_count; i++) {
        struct branch *branch = &plan->branches[i];
        if (branch->stream && stream_is(branch->stream)
            && atomic_load(&branch->stream->pooled.generation) == branch->generation)
            stream_close(branch->stream); // what is queued still runs
    }
    free(plan->branches);
    free(plan->steps);
    *plan = (struct plan){0};
}
