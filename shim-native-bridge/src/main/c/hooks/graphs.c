// graphs.c: graphs that allocate. Memory comes when such a graph is launched and stays with the device until it is trimmed, so what
// all instantiated graphs may take is charged when they are instantiated, or what the device keeps for graphs where that is more.
#define _GNU_SOURCE
#include "graphs.h"

#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "refused.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

// CUgraphNodeType, CUgraphMem_attribute (CUDA driver API, "Data types").
enum { NODE_CHILD_GRAPH = 4, NODE_ALLOCATION = 10 };
enum { ATTRIBUTE_RESERVED = 2 };

// CUDA_MEM_ALLOC_NODE_PARAMS: pool properties of 88 bytes first.
struct allocation_node {
    int allocation_type, handle_types;
    struct {
        int type, id;
    } location;
    unsigned char other_properties[72];
    const void *access;
    size_t access_count, bytes;
    CUdeviceptr pointer;
};

// What the allocation nodes of one graph add up to.
struct demand {
    CUdevice device;
    uint64_t bytes;
    int elsewhere; // a node is on another device than the first
};

struct executable {
    void *handle;
    struct demand demand;
};

struct device {
    uint64_t instantiated_bytes, charged_bytes;
};

static int expected;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of all below, held over the driver's call too
static struct device devices[SLUICE_DEVICES];
static void *executables; // a tree of struct executable, by handle

static struct demand demand_of(void *graph);
static CUresult begin(struct demand *demand, unsigned function, void *graph);
static CUresult settle(const struct demand *demand, CUresult result, void *executable);
static void settle_device(CUdevice number);
static int by_handle(const void *a, const void *b);
static void start_afresh_after_fork(void);

void sluice_graphs_expect_allocations(void) {
    if (!__atomic_exchange_n(&expected, 1, __ATOMIC_ACQ_REL)) {
        pthread_atfork(NULL, NULL, start_afresh_after_fork);
    }
}

CUresult sluice_hook_cuGraphAddMemAllocNode(void *phGraphNode, void *hGraph, const void *dependencies, size_t numDependencies, void *nodeParams) {
    sluice_graphs_expect_allocations();
    return sluice_real_cuGraphAddMemAllocNode(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}

// The type is the first member of CUgraphNodeParams.
CUresult sluice_hook_cuGraphAddNode(void *phGraphNode, void *hGraph, const void *dependencies, size_t numDependencies, void *nodeParams) {
    if (nodeParams && *(int *)nodeParams == NODE_ALLOCATION) {
        sluice_graphs_expect_allocations();
    }
    return sluice_real_cuGraphAddNode(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}

CUresult sluice_hook_cuGraphAddNode_v2(void *phGraphNode, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, void *nodeParams) {
    if (nodeParams && *(int *)nodeParams == NODE_ALLOCATION) {
        sluice_graphs_expect_allocations();
    }
    return sluice_real_cuGraphAddNode_v2(phGraphNode, hGraph, dependencies, dependencyData, numDependencies, nodeParams);
}

CUresult sluice_hook_cuGraphInstantiate(void *phGraphExec, void *hGraph, void *phErrorNode, char *logBuffer, size_t bufferSize) {
    struct demand demand;
    CUresult result = begin(&demand, SLUICE_FN_cuGraphInstantiate, hGraph);
    return result ? result : settle(&demand, sluice_real_cuGraphInstantiate(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize), phGraphExec);
}

CUresult sluice_hook_cuGraphInstantiate_v2(void *phGraphExec, void *hGraph, void *phErrorNode, char *logBuffer, size_t bufferSize) {
    struct demand demand;
    CUresult result = begin(&demand, SLUICE_FN_cuGraphInstantiate_v2, hGraph);
    return result ? result : settle(&demand, sluice_real_cuGraphInstantiate_v2(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize), phGraphExec);
}

CUresult sluice_hook_cuGraphInstantiateWithFlags(void *phGraphExec, void *hGraph, unsigned long long flags) {
    struct demand demand;
    CUresult result = begin(&demand, SLUICE_FN_cuGraphInstantiateWithFlags, hGraph);
    return result ? result : settle(&demand, sluice_real_cuGraphInstantiateWithFlags(phGraphExec, hGraph, flags), phGraphExec);
}

CUresult sluice_hook_cuGraphInstantiateWithParams(void *phGraphExec, void *hGraph, void *instantiateParams) {
    struct demand demand;
    CUresult result = begin(&demand, SLUICE_FN_cuGraphInstantiateWithParams, hGraph);
    return result ? result : settle(&demand, sluice_real_cuGraphInstantiateWithParams(phGraphExec, hGraph, instantiateParams), phGraphExec);
}

CUresult sluice_hook_cuGraphInstantiateWithParams_ptsz(void *phGraphExec, void *hGraph, void *instantiateParams) {
    struct demand demand;
    CUresult result = begin(&demand, SLUICE_FN_cuGraphInstantiateWithParams_ptsz, hGraph);
    return result ? result : settle(&demand, sluice_real_cuGraphInstantiateWithParams_ptsz(phGraphExec, hGraph, instantiateParams), phGraphExec);
}

CUresult sluice_hook_cuGraphExecDestroy(void *hGraphExec) {
    if (!__atomic_load_n(&expected, __ATOMIC_ACQUIRE)) {
        return sluice_real_cuGraphExecDestroy(hGraphExec);
    }
    pthread_mutex_lock(&lock);
    CUresult result = sluice_real_cuGraphExecDestroy(hGraphExec);
    struct executable **found = result == CUDA_SUCCESS ? tfind(&(struct executable){.handle = hGraphExec}, &executables, by_handle) : NULL;
    if (found) {
        struct executable *executable = *found;
        tdelete(executable, &executables, by_handle);
        devices[executable->demand.device].instantiated_bytes -= executable->demand.bytes;
        settle_device(executable->demand.device);
        free(executable);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

CUresult sluice_hook_cuDeviceGraphMemTrim(CUdevice device) {
    CUresult result = sluice_real_cuDeviceGraphMemTrim(device);
    sluice_graphs_settle();
    return result;
}

void sluice_graphs_settle(void) {
    if (!__atomic_load_n(&expected, __ATOMIC_ACQUIRE)) {
        return;
    }
    pthread_mutex_lock(&lock);
    for (int number = 0; number < SLUICE_DEVICES; number++) {
        if (devices[number].charged_bytes || devices[number].instantiated_bytes) {
            settle_device(number);
        }
    }
    pthread_mutex_unlock(&lock);
}

// Leaves the lock held where it returns CUDA_SUCCESS with a demand.
static CUresult begin(struct demand *demand, unsigned function, void *graph) {
    *demand = (struct demand){0};
    if (!__atomic_load_n(&expected, __ATOMIC_ACQUIRE) || sluice_tenant_governance() != SLUICE_GOVERNED || !graph) {
        return CUDA_SUCCESS;
    }
    *demand = demand_of(graph);
    if (demand->elsewhere) {
        demand->bytes = 0;
        return sluice_refuses(function) ? CUDA_ERROR_NOT_SUPPORTED : CUDA_SUCCESS;
    }
    if (!demand->bytes) {
        return CUDA_SUCCESS;
    }
    pthread_mutex_lock(&lock);
    struct device *device = &devices[demand->device];
    uint64_t wanted = device->instantiated_bytes + demand->bytes;
    uint64_t missing = wanted > device->charged_bytes ? wanted - device->charged_bytes : 0;
    struct sluice_asking asking;
    pthread_mutex_unlock(&lock); // it may wait
    CUresult result = missing ? sluice_charge_begin_on(&asking, sluice_functions[function].name, demand->device, missing, SLUICE_KIND_GRAPH) : CUDA_SUCCESS;
    if (result != CUDA_SUCCESS) {
        return result;
    }
    pthread_mutex_lock(&lock);
    device->charged_bytes += missing;
    return CUDA_SUCCESS;
}

static CUresult settle(const struct demand *demand, CUresult result, void *executable) {
    if (!demand->bytes) {
        return result;
    }
    struct executable *known = result == CUDA_SUCCESS ? malloc(sizeof *known) : NULL;
    if (known) {
        *known = (struct executable){.handle = *(void **)executable, .demand = *demand};
    }
    if (known && tsearch(known, &executables, by_handle)) {
        devices[demand->device].instantiated_bytes += demand->bytes;
    } else {
        free(known);
        if (result == CUDA_SUCCESS) { // without a note of it, it would never be released
            sluice_real_cuGraphExecDestroy(*(void **)executable);
            result = CUDA_ERROR_OUT_OF_MEMORY;
        }
    }
    settle_device(demand->device);
    pthread_mutex_unlock(&lock);
    return result;
}

static void settle_device(CUdevice number) {
    struct device *device = &devices[number];
    uint64_t reserved = 0, held = device->instantiated_bytes;
    int row = sluice_row_of_device(number);
    if (row < 0 || sluice_real_cuDeviceGetGraphMemAttribute(number, ATTRIBUTE_RESERVED, &reserved) != CUDA_SUCCESS) {
        return;
    }
    held = reserved > held ? reserved : held;
    if (held > device->charged_bytes) {
        sluice_tenant_charge_taken((unsigned)row, held - device->charged_bytes, SLUICE_KIND_GRAPH);
    } else if (held < device->charged_bytes) {
        sluice_tenant_release((unsigned)row, device->charged_bytes - held, SLUICE_KIND_GRAPH);
    }
    device->charged_bytes = held;
}

static void add_node(struct demand *demand, void *node) {
    struct allocation_node allocation = {0};
    int type = -1;
    void *child = NULL;
    if (sluice_real_cuGraphNodeGetType(node, &type) != CUDA_SUCCESS) {
        return;
    }
    if (type == NODE_CHILD_GRAPH && sluice_real_cuGraphChildGraphNodeGetGraph(node, &child) == CUDA_SUCCESS) {
        struct demand of_child = demand_of(child);
        demand->elsewhere |= of_child.elsewhere || (of_child.bytes && demand->bytes && of_child.device != demand->device);
        demand->device = of_child.bytes ? of_child.device : demand->device;
        demand->bytes += of_child.bytes;
    } else if (type == NODE_ALLOCATION && sluice_real_cuGraphMemAllocNodeGetParams(node, &allocation) == CUDA_SUCCESS) {
        int known = allocation.location.id >= 0 && allocation.location.id < SLUICE_DEVICES;
        demand->elsewhere |= !known || (demand->bytes && allocation.location.id != demand->device);
        demand->device = known ? allocation.location.id : 0;
        demand->bytes += sluice_charge_rounded(allocation.bytes);
    }
}

static struct demand demand_of(void *graph) {
    struct demand demand = {0};
    size_t count = 0;
    if (sluice_real_cuGraphGetNodes(graph, NULL, &count) != CUDA_SUCCESS || count == 0) {
        return demand;
    }
    void **nodes = calloc(count, sizeof *nodes);
    if (!nodes || sluice_real_cuGraphGetNodes(graph, nodes, &count) != CUDA_SUCCESS) {
        demand.elsewhere = 1; // what cannot be known is not let by
    }
    for (size_t i = 0; nodes && !demand.elsewhere && i < count; i++) {
        add_node(&demand, nodes[i]);
    }
    free(nodes);
    return demand;
}

static int by_handle(const void *a, const void *b) {
    uintptr_t left = (uintptr_t)((const struct executable *)a)->handle, right = (uintptr_t)((const struct executable *)b)->handle;
    return left < right ? -1 : left > right;
}

static void start_afresh_after_fork(void) {
    pthread_mutex_init(&lock, NULL);
    memset(devices, 0, sizeof devices);
    executables = NULL;
}
