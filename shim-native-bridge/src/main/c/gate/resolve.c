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

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char driver_path[512];
static int resolved;

static void resolve_once(void) {
    static unsigned char lacking[SLUICE_FN_COUNT];
    struct sluice_message message;
    void *driver = sluice_real_driver_open(driver_path, &message);
    if (!driver) {
        sluice_say("%s; CUDA calls answer CUDA_ERROR_NO_DEVICE (100)", message.text);
        driver_path[0] = 0;
    }
    for (int i = 0; i < SLUICE_FN_COUNT; i++) {
        void *real = driver ? dlsym(driver, sluice_functions[i].name) : NULL;
        lacking[i] = driver && !real;
        if (!real) {
            real = driver ? (void *)sluice_answer_not_supported : (void *)sluice_answer_no_device;
        }
        __atomic_store_n(&sluice_real[i], real, __ATOMIC_RELEASE);
    }
    sluice_hide_absent(lacking);
    resolved = driver != NULL;
}

int sluice_resolve_all(void) {
    pthread_once(&once, resolve_once);
    return resolved ? 0 : -1;
}

const char *sluice_real_driver_path(void) {
    return driver_path;
}

void *sluice_resolve(unsigned long function) {
    sluice_resolve_all();
    return sluice_real_function((unsigned)function);
}
