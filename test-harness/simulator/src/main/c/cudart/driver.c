// driver.c: opens libcuda.so.1 as any program does, so that a libwrapper that stands in front of it stands in front here too.
#include "cudart/driver.h"

#include <dlfcn.h>
#include <pthread.h>

struct driver driver;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static cudaError_t opened;

// In the place of a function that this driver has not; what it is given does not matter.
static cudaError_t needs_newer_driver(void) {
    return cudaErrorCallRequiresNewerDriver;
}

static void *look_up(void *library, const char *name) {
    void *found = dlsym(library, name);
    return found ? found : (void *)needs_newer_driver;
}

static void open_once(void) {
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library) {
        opened = cudaErrorInsufficientDriver; // as with no driver at all
        return;
    }
#define LOOK_UP(name, ...) driver.name = look_up(library, #name);
#define LOOK_UP_FORWARDED(runtime, name, ...) LOOK_UP(name)
    CALLED(LOOK_UP)
    FORWARDED(LOOK_UP_FORWARDED, LOOK_UP_FORWARDED)
    opened = driver.cuInit(0);
}

cudaError_t driver_open(void) {
    pthread_once(&once, open_once);
    return opened;
}
