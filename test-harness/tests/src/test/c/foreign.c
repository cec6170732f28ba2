// foreign.c: a JNI library that asks for device memory in a thread of its own, which the JVM does not know. Written against
// the C library alone: of JNI it needs the name of its one function and the order of its arguments.
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stddef.h>

__attribute__((visibility("default"))) int32_t Java_io_sluice_tests_client_ForeignThreadClient_allocateInForeignThread(void *environment, void *class, int64_t bytes);

static void *allocate(void *argument) {
    void *driver = dlopen("libcuda.so.1", RTLD_NOW), *context;
    int (*init)(unsigned) = (int (*)(unsigned))dlsym(driver, "cuInit");
    int (*create)(void **, unsigned, int) = (int (*)(void **, unsigned, int))dlsym(driver, "cuCtxCreate_v2");
    int (*alloc)(uint64_t *, size_t) = (int (*)(uint64_t *, size_t))dlsym(driver, "cuMemAlloc_v2");
    uint64_t pointer;
    if (init(0) || create(&context, 0, 0)) {
        return (void *)(intptr_t)-1;
    }
    return (void *)(intptr_t)alloc(&pointer, *(size_t *)argument);
}

int32_t Java_io_sluice_tests_client_ForeignThreadClient_allocateInForeignThread(void *environment, void *class, int64_t bytes) {
    (void)environment;
    (void)class;
    pthread_t thread;
    void *result;
    size_t size = (size_t)bytes;
    if (pthread_create(&thread, NULL, allocate, &size) || pthread_join(thread, &result)) {
        return -2;
    }
    return (int32_t)(intptr_t)result;
}
