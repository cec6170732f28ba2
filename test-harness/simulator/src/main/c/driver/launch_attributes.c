// launch_attributes.c: the attributes of a launch, by number in CUlaunchAttributeID. What needs compute capability 9.0 is refused.
#include <string.h>

#include "driver/launch.h"

enum {
    IGNORE, ACCESS_POLICY_WINDOW, COOPERATIVE, SYNCHRONIZATION_POLICY, CLUSTER_DIMENSION, CLUSTER_SCHEDULING,
    PROGRAMMATIC_SERIALIZATION, PROGRAMMATIC_EVENT, PRIORITY, MEM_SYNC_DOMAIN_MAP, MEM_SYNC_DOMAIN
};

enum { PRIORITY_GREATEST = -5 };

static int number_of(const CUlaunchAttributeValue *value) {
    int number;
    memcpy(&number, value, sizeof number);
    return number;
}

CUresult kernel_attribute_set(struct kernel_call *call, int id, const CUlaunchAttributeValue *value) {
    switch (id) {
    case IGNORE: case ACCESS_POLICY_WINDOW: case MEM_SYNC_DOMAIN_MAP: case MEM_SYNC_DOMAIN:
        return CUDA_SUCCESS;
    case COOPERATIVE:
        call->shape.cooperative = number_of(value) != 0;
        return CUDA_SUCCESS;
    case PRIORITY: {
        int priority = number_of(value);
        call->priority = priority > 0 ? 0 : priority < PRIORITY_GREATEST ? PRIORITY_GREATEST : priority;
        return CUDA_SUCCESS;
    }
    case CLUSTER_DIMENSION: case CLUSTER_SCHEDULING: case PROGRAMMATIC_SERIALIZATION: case PROGRAMMATIC_EVENT:
        return CUDA_ERROR_NOT_SUPPORTED;
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult kernel_attribute_get(const struct kernel_call *call, int id, CUlaunchAttributeValue *value) {
    int number = id == COOPERATIVE ? call->shape.cooperative : id == PRIORITY ? call->priority : 0;
    if (id < ACCESS_POLICY_WINDOW || id > MEM_SYNC_DOMAIN || id == SYNCHRONIZATION_POLICY) return CUDA_ERROR_INVALID_VALUE;
    if (id >= CLUSTER_DIMENSION && id <= PROGRAMMATIC_EVENT) return CUDA_ERROR_NOT_SUPPORTED;
    memset(value, 0, sizeof *value);
    memcpy(value, &number, sizeof number);
    return CUDA_SUCCESS;
}
