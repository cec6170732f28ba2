// events.c: waiting for what faults.conf does to cards: Xid 48 and a double bit error for `ecc`, Xid 79 for `lost`.
#include <string.h>

#include "base/clock.h"
#include "cards/faults.h"
#include "nvml/nvml.h"

enum { DOUBLE_BIT = 2, XID = 8, XID_DOUBLE_BIT = 48, XID_OFF_BUS = 79, SETS = 64, LOOK_NS = 10000000, V1_BYTES = 24 };
enum told { TOLD_XID_ECC = 1, TOLD_ECC = 2, TOLD_LOST = 4 };

// What a set has been told of a card since the fault is there.
struct registration {
    unsigned long long types; // 0: not registered
    int told;
};

static struct event_set {
    int used;
    struct registration card[CARDS_MAX]; // by NVML index
} sets[SETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_set(nvmlEventSet_t set) {
    uintptr_t offset = (uintptr_t)set - (uintptr_t)sets;
    return offset < sizeof sets && offset % sizeof *sets == 0 && set->used;
}

nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set) {
    nvmlReturn_t result = nvml_ready();
    if (result != NVML_SUCCESS) return result;
    if (!set) return NVML_ERROR_INVALID_ARGUMENT;
    pthread_mutex_lock(&lock);
    int i = 0;
    while (i < SETS && sets[i].used) i++;
    if (i < SETS) {
        sets[i] = (struct event_set){.used = 1};
        *set = &sets[i];
    }
    pthread_mutex_unlock(&lock);
    return i < SETS ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_RESOURCES;
}

nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) {
    nvmlReturn_t result = nvml_ready();
    if (result != NVML_SUCCESS) return result;
    pthread_mutex_lock(&lock);
    if (is_set(set)) set->used = 0;
    else result = NVML_ERROR_INVALID_ARGUMENT;
    pthread_mutex_unlock(&lock);
    return result;
}

nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device, unsigned long long *eventTypes) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!eventTypes) return NVML_ERROR_INVALID_ARGUMENT;
    *eventTypes = XID | (device->description->ecc ? DOUBLE_BIT : 0);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long eventTypes, nvmlEventSet_t set) {
    unsigned long long supported;
    nvmlReturn_t result = nvmlDeviceGetSupportedEventTypes(device, &supported);
    if (result != NVML_SUCCESS) return result;
    if (eventTypes & ~supported) return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&lock);
    if (is_set(set)) {
        struct registration *registration = &set->card[device->description->nvml_index];
        registration->types |= eventTypes;
        if (fault_is(FAULT_ECC, device->description)) registration->told = TOLD_XID_ECC | TOLD_ECC; // before this call
    } else {
        result = NVML_ERROR_INVALID_ARGUMENT;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static int event(nvmlEventData_t *data, struct registration *registration, unsigned long long type, unsigned long long number,
                 enum told told) {
    if (!(registration->types & type) || registration->told & told) return 0;
    registration->told |= told;
    data->eventType = type;
    data->eventData = number;
    return 1;
}

// NVML_ERROR_TIMEOUT: nothing to tell now.
static nvmlReturn_t look(nvmlEventSet_t set, nvmlEventData_t *data) {
    nvmlReturn_t result = NVML_ERROR_TIMEOUT;
    for (unsigned i = 0; nvml_card(i); i++) {
        struct registration *registration = &set->card[i];
        if (!registration->types) continue;
        int lost = fault_is(FAULT_LOST, nvml_card(i)->description), ecc = fault_is(FAULT_ECC, nvml_card(i)->description);
        if (!ecc) registration->told &= ~(TOLD_XID_ECC | TOLD_ECC);
        if (!lost) registration->told &= ~TOLD_LOST;
        data->device = nvml_card(i);
        if (lost && event(data, registration, XID, XID_OFF_BUS, TOLD_LOST)) return NVML_SUCCESS;
        if (ecc && event(data, registration, XID, XID_DOUBLE_BIT, TOLD_XID_ECC)) return NVML_SUCCESS;
        if (ecc && event(data, registration, DOUBLE_BIT, 0, TOLD_ECC)) return NVML_SUCCESS;
        if (lost) result = NVML_ERROR_GPU_IS_LOST;
    }
    return result;
}

static nvmlReturn_t wait_for(nvmlEventSet_t set, nvmlEventData_t *data, unsigned timeout_ms) {
    uint64_t until_ns = clock_now_ns() + timeout_ms * 1000000ull;
    for (;;) {
        nvmlReturn_t result = nvml_ready();
        if (result != NVML_SUCCESS) return result;
        pthread_mutex_lock(&lock);
        result = is_set(set) ? look(set, data) : NVML_ERROR_INVALID_ARGUMENT;
        pthread_mutex_unlock(&lock);
        uint64_t now_ns = clock_now_ns();
        if (result != NVML_ERROR_TIMEOUT || now_ns >= until_ns) return result;
        clock_sleep_until(until_ns - now_ns < LOOK_NS ? until_ns : now_ns + LOOK_NS);
    }
}

nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned timeoutms) {
    nvmlEventData_t found = {.gpuInstanceId = UINT32_MAX, .computeInstanceId = UINT32_MAX};
    if (!data) return NVML_ERROR_INVALID_ARGUMENT;
    nvmlReturn_t result = wait_for(set, &found, timeoutms);
    if (result == NVML_SUCCESS) *data = found;
    return result;
}

// The structure of this form ends before the MIG instances.
nvmlReturn_t nvmlEventSetWait(nvmlEventSet_t set, nvmlEventData_t *data, unsigned timeoutms) {
    nvmlEventData_t found = {0};
    if (!data) return NVML_ERROR_INVALID_ARGUMENT;
    nvmlReturn_t result = wait_for(set, &found, timeoutms);
    if (result == NVML_SUCCESS) memcpy(data, &found, V1_BYTES);
    return result;
}
