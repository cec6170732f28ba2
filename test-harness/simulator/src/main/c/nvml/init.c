// init.c: NVML's beginning and end. It sees all cards, whatever CUDA_VISIBLE_DEVICES says, in an order of its own.
#include <stdio.h>
#include <string.h>

#include "cards/faults.h"
#include "nvml/nvml.h"

// Guards all of it. The cards stay open from the first nvmlInit on: handles outlive nvmlShutdown, as with the driver.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int users;
static int opened;
static struct cards cards;
static struct card card[CARDS_MAX]; // by NVML index

static nvmlReturn_t open_cards(void) {
    char error[PATH_MAX + 256] = "";
    int failed = cards_read(&cards, error, sizeof error);
    for (int i = 0; !failed && i < cards.count; i++)
        failed = card_open(&card[cards.card[i].nvml_index], &cards, i, error, sizeof error);
    if (!failed) faults_watch(&cards, NULL);
    if (!failed) return NVML_SUCCESS;
    fprintf(stderr, "simulated GPU: %s\n", error);
    return NVML_ERROR_DRIVER_NOT_LOADED;
}

nvmlReturn_t nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    pthread_mutex_lock(&lock);
    nvmlReturn_t result = opened ? NVML_SUCCESS : open_cards();
    opened = result == NVML_SUCCESS;
    if (opened) users++;
    pthread_mutex_unlock(&lock);
    return result;
}

nvmlReturn_t nvmlInit_v2(void) {
    return nvmlInitWithFlags(0);
}

nvmlReturn_t nvmlInit(void) {
    return nvmlInitWithFlags(0);
}

nvmlReturn_t nvmlShutdown(void) {
    pthread_mutex_lock(&lock);
    nvmlReturn_t result = users > 0 ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
    if (users > 0) users--;
    pthread_mutex_unlock(&lock);
    return result;
}

nvmlReturn_t nvml_ready(void) {
    return users > 0 ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
}

int nvml_count(void) {
    return cards.count;
}

struct card *nvml_card(unsigned index) {
    return index < (unsigned)cards.count ? &card[index] : NULL;
}

nvmlReturn_t nvml_check(nvmlDevice_t device) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    uintptr_t offset = (uintptr_t)device - (uintptr_t)card;
    int known = offset < sizeof(struct card) * (unsigned)cards.count && offset % sizeof(struct card) == 0;
    if (!known) return NVML_ERROR_INVALID_ARGUMENT;
    return fault_is(FAULT_LOST, device->description) ? NVML_ERROR_GPU_IS_LOST : NVML_SUCCESS;
}

nvmlReturn_t nvml_not_supported(void) {
    nvmlReturn_t ready = nvml_ready();
    return ready != NVML_SUCCESS ? ready : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t nvml_text(const char *value, char *buffer, unsigned length) {
    if (!buffer) return NVML_ERROR_INVALID_ARGUMENT;
    if (length <= strlen(value)) return NVML_ERROR_INSUFFICIENT_SIZE;
    snprintf(buffer, length, "%s", value);
    return NVML_SUCCESS;
}

nvmlReturn_t nvml_tell(nvmlDevice_t device, unsigned *out, size_t offset) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    memcpy(out, (const char *)device->description + offset, sizeof *out);
    return NVML_SUCCESS;
}

nvmlReturn_t nvml_tell_constant(nvmlDevice_t device, unsigned *out, unsigned value) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    *out = value;
    return NVML_SUCCESS;
}
