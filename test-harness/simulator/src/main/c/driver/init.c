// init.c: cuInit, and what the driver tells about itself. After a fork the child has no CUDA.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cards/shared.h"
#include "driver/api.h"
#include "driver/context.h"
#include "driver/faults.h"

struct device_set visible;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic int state = CUDA_ERROR_NOT_INITIALIZED; // what driver_ready() answers
static CUresult init_result;
static struct cards cards;
static int explains;

// The locks that say "this process lives" are those of open files, which a child shares until it closes them.
static void in_child(void) {
    atomic_store(&state, CUDA_ERROR_NOT_INITIALIZED);
    init_result = CUDA_ERROR_NOT_INITIALIZED;
    for (int i = 0; i < visible.count; i++) {
        close(visible.device[i].card.lock_fd);
        visible.device[i].card.lock_fd = -1;
    }
    shared_forget_all();
}

static CUresult open_cards(void) {
    char error[PATH_MAX + 256] = "";
    if (cards_read(&cards, error, sizeof error) != 0) {
        fprintf(stderr, "simulated GPU: %s\n", error);
        return CUDA_ERROR_NO_DEVICE;
    }
    faults_watch(&cards, contexts_apply_faults);
    int chosen[CARDS_MAX];
    int count = visible_choose(&cards, getenv("CUDA_VISIBLE_DEVICES"), chosen);
    for (int i = 0; i < count; i++) {
        if (fault_is(FAULT_LOST, &cards.card[chosen[i]])) continue;
        struct device *device = &visible.device[visible.count];
        if (card_open(&device->card, &cards, chosen[i], error, sizeof error) != 0) {
            fprintf(stderr, "simulated GPU: %s\n", error);
            return CUDA_ERROR_NO_DEVICE;
        }
        device_memory_init(&device->memory, &device->card);
        pthread_mutex_init(&device->primary_lock, NULL);
        visible.count++;
    }
    return visible.count > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

static void initialise(void) {
    const char *explain = getenv("SLUICE_SIM_EXPLAIN");
    explains = explain && strcmp(explain, "1") == 0;
    init_result = open_cards();
    pthread_atfork(NULL, NULL, in_child);
    if (init_result == CUDA_SUCCESS) atomic_store(&state, CUDA_SUCCESS);
}

// The workers touch nothing that is torn down at exit; they are only asked to stop, so that no kernel runs on meanwhile.
__attribute__((destructor)) static void at_exit(void) {
    if (atomic_load(&state) != CUDA_SUCCESS) return;
    contexts_stop_at_exit();
    for (int i = 0; i < visible.count; i++) card_leave(&visible.device[i].card);
}

CUresult driver_ready(void) {
    return atomic_load_explicit(&state, memory_order_acquire);
}

int driver_explains(void) {
    return explains;
}

struct device *device_at(CUdevice ordinal) {
    return ordinal >= 0 && ordinal < visible.count ? &visible.device[ordinal] : NULL;
}

CUdevice device_ordinal(const struct device *device) {
    return (CUdevice)(device - visible.device);
}

struct device *device_of_card(const struct card *card) {
    for (int i = 0; i < visible.count; i++)
        if (&visible.device[i].card == card) return &visible.device[i];
    return NULL;
}

int device_count(void) {
    return visible.count;
}

CUresult cuInit(unsigned int Flags) {
    if (Flags != 0) return CUDA_ERROR_INVALID_VALUE;
    pthread_once(&once, initialise);
    return init_result;
}

CUresult cuDriverGetVersion(int *driverVersion) {
    if (!driverVersion) return CUDA_ERROR_INVALID_VALUE;
    *driverVersion = DRIVER_VERSION;
    return CUDA_SUCCESS;
}

// No table of the real driver is imitated here: whoever asks for one wants to know that this is NVIDIA's driver, and it is not.
CUresult cuGetExportTable(const void **ppExportTable, const CUuuid *pExportTableId) {
    if (!ppExportTable || !pExportTableId) return CUDA_ERROR_INVALID_VALUE;
    *ppExportTable = NULL;
    return CUDA_ERROR_NOT_FOUND;
}

CUresult cuProfilerInitialize(const char *configFile, const char *outputFile, CUoutput_mode outputMode) {
    (void)configFile, (void)outputFile, (void)outputMode;
    return CUDA_ERROR_NOT_SUPPORTED;
}

CUresult cuProfilerStart(void) {
    CUcontext context;
    return context_current(&context);
}

CUresult cuProfilerStop(void) {
    CUcontext context;
    return context_current(&context);
}
