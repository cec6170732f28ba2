#define _GNU_SOURCE
#include "resolve.h"

#include "absent.h"
#include "answer.h"
#include "cuda_result.h"
#include "say.h"
#include "entry.h"
#include "real_driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char driver_path[512];
static int resolved;

// Number + 1 of each function, by the address of the real one: open addressing, a third full. Written once, as sluice_real.
enum { PLACE_BITS = 11, PLACES = 1 << PLACE_BITS, SEVERAL = 0xffff };
static uint16_t function_at[PLACES];
static const void *real_at[PLACES];
_Static_assert(SLUICE_FN_COUNT * 2 < PLACES, "room for every function");

static inline unsigned place_of(const void *real) {
    unsigned place = (unsigned)((uintptr_t)real * 0x9e3779b97f4a7c15ull >> (64 - PLACE_BITS));
    while (real_at[place] && real_at[place] != real) {
        place = (place + 1) % PLACES;
    }
    return place;
}

static void enter(int function, const void *real) {
    unsigned place = place_of(real);
    function_at[place] = real_at[place] ? SEVERAL : (uint16_t)(function + 1);
    real_at[place] = real;
}

static void resolve_once(void) {
    static const char *lacking[SLUICE_FN_COUNT];
    int lacking_count = 0;
    struct sluice_message message;
    void *driver = sluice_real_driver_open(driver_path, &message);
    if (!driver) {
        sluice_say("%s; CUDA calls answer CUDA_ERROR_NO_DEVICE (100)", message.text);
        driver_path[0] = 0;
    }
    for (int i = 0; i < SLUICE_FN_COUNT; i++) {
        void *real = driver ? dlsym(driver, sluice_functions[i].name) : NULL;
        if (driver && !real) {
            lacking[lacking_count++] = sluice_functions[i].name;
        }
        if (!real) {
            real = driver ? (void *)sluice_answer_not_supported : (void *)sluice_answer_no_device;
        }
        __atomic_store_n(&sluice_real[i], real, __ATOMIC_RELEASE);
        if (driver && !lacking[i]) {
            enter(i, real);
        }
    }
    sluice_hide_absent(lacking, lacking_count);
    resolved = driver != NULL;
}

int sluice_resolve_all(void) {
    pthread_once(&once, resolve_once);
    return resolved ? 0 : -1;
}

int sluice_function_at(const void *real) {
    unsigned function = function_at[place_of(real)];
    return function == SEVERAL ? -1 : (int)function - 1;
}

const char *sluice_real_driver_path(void) {
    return driver_path;
}

void *sluice_resolve(unsigned long function) {
    sluice_resolve_all();
    return sluice_real_function((unsigned)function);
}
