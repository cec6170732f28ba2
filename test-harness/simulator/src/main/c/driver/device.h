// device.h: the GPUs that this process sees, in CUDA's order after CUDA_VISIBLE_DEVICES.
#ifndef SLUICE_SIM_DEVICE_H
#define SLUICE_SIM_DEVICE_H

#include "cards/card_state.h"
#include "driver/cuda_types.h"
#include "memory/device_memory.h"

enum { DRIVER_VERSION = 12020 };

struct device {
    struct card card;
    struct device_memory memory;
    CUcontext primary; // from the first retain on; the handle stays the same
    pthread_mutex_t primary_lock;
    unsigned primary_flags, primary_users;
};

// CUDA_ERROR_NOT_INITIALIZED before cuInit and in a forked child.
CUresult driver_ready(void);
// Whether SLUICE_SIM_EXPLAIN=1 asks for a line on stderr about each fault of a kernel.
int driver_explains(void);
// NULL if there is no such GPU.
struct device *device_at(CUdevice ordinal);
CUdevice device_ordinal(const struct device *device);
struct device *device_of_card(const struct card *card);
int device_count(void);

// For init.c.
struct device_set {
    int count;
    struct device device[CARDS_MAX];
};
extern struct device_set visible;
int visible_choose(const struct cards *cards, const char *variable, int chosen[CARDS_MAX]);

#endif
