// dot.c: a graph as Graphviz draws it.
#include <stdio.h>

#include "driver/api.h"
#include "graph/graph.h"

static const char *const names[] = {
    "KERNEL", "MEMCPY", "MEMSET", "HOST", "GRAPH", "EMPTY", "EVENT_WAIT", "EVENT_RECORD", "EXT_SEMAS_SIGNAL", "EXT_SEMAS_WAIT",
    "MEM_ALLOC", "MEM_FREE", "BATCH_MEM_OP"
};

static void print(FILE *file, CUgraph graph) {
    fprintf(file, "subgraph cluster_%llu {\nlabel=\"graph_%llu\"\n", (unsigned long long)graph->id, (unsigned long long)graph->id);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        CUgraphNode node = graph->nodes.node[i];
        const char *kernel = node->work.type == WORK_KERNEL && function_is(node->work.kernel.function)
                                 ? node->work.kernel.function->name : "";
        fprintf(file, "\"node_%llu\" [label=\"%zu %s %s\"]\n", (unsigned long long)node->id, i, names[node->work.type], kernel);
        for (size_t k = 0; k < node->needs.count; k++)
            fprintf(file, "\"node_%llu\" -> \"node_%llu\"\n", (unsigned long long)node->needs.node[k]->id,
                    (unsigned long long)node->id);
        if (node->work.type == WORK_GRAPH) print(file, node->work.child);
    }
    fprintf(file, "}\n");
}

CUresult cuGraphDebugDotPrint(CUgraph hGraph, const char *path, unsigned int flags) {
    (void)flags; // how much to print: always the same here
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(hGraph) || !path) return CUDA_ERROR_INVALID_VALUE;
    FILE *file = fopen(path, "we");
    if (!file) return CUDA_ERROR_OPERATING_SYSTEM;
    fprintf(file, "digraph dot {\n");
    print(file, hGraph);
    fprintf(file, "}\n");
    return fclose(file) == 0 ? CUDA_SUCCESS : CUDA_ERROR_OPERATING_SYSTEM;
}
