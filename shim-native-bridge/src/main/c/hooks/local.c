// local.c: what kernels use besides their arguments and blocks: local memory, stacks, the buffer of printf, the heap.
//
// The driver keeps local memory for every thread that the GPU can hold at once, as much for each as the neediest kernel that was launched
// in the context asks for, and at least the stack limit (CUDA C++ programming guide, "Local Memory"; CUDA driver API, cuCtxSetLimit).
// What the defaults take is part of the context's own figure. Functions that ask for more than their context has are watched until they
// are launched; while there are such, launches come here.
#define _GNU_SOURCE
#include "local.h"

#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "spin_lock.h"

#include <pthread.h>
#include <string.h>

enum { LIMIT_STACK = 0, LIMIT_FIFO = 1, LIMIT_HEAP = 2, LOCAL_SIZE_BYTES = 3, SM_COUNT = 16, THREADS_PER_SM = 39 };
enum { WATCHED = 128, CONTEXTS = 64 }; // more are let by

unsigned sluice_watched;

// `lock` guards all of this.
static struct {
    struct sluice_spin_lock lock;
    struct watched {
        const void *function; // NULL: none
        const void *owner;    // the module or library that it goes with; NULL: unknown
        uint64_t thread_bytes;
    } watched[WATCHED];
    struct context {
        uint64_t handle; // 0: unused
        uint64_t threads, thread_bytes, limits[LIMIT_HEAP + 1]; // thread_bytes: that there are for each
    } contexts[CONTEXTS];
    uint64_t charges; // names them in the pointer map
} local;

// Held from finding out what is lacking until the context has it, so that nobody else charges the same. Comes before `local.lock`.
static pthread_mutex_t growing = PTHREAD_MUTEX_INITIALIZER;

// A child has none of its parent's contexts.
static void start_afresh(void) {
    pthread_mutex_init(&growing, NULL);
    memset(&local, 0, sizeof local);
    sluice_watched = 0;
}

static void expect_forks(void) {
    pthread_atfork(NULL, NULL, start_afresh);
}

static void begin_growing(void) {
    static pthread_once_t fork_handler = PTHREAD_ONCE_INIT;
    pthread_once(&fork_handler, expect_forks);
    pthread_mutex_lock(&growing);
}

// What the context has; NULL where there are too many, or the driver does not say.
static struct context *context_of(uint64_t handle) {
    struct context *unused = NULL;
    for (unsigned i = 0; i < CONTEXTS; i++) {
        if (local.contexts[i].handle == handle) {
            return &local.contexts[i];
        }
        unused = unused || local.contexts[i].handle ? unused : &local.contexts[i];
    }
    CUdevice device;
    int sms, threads;
    struct context found = {.handle = handle};
    if (!unused || sluice_real_cuCtxGetDevice(&device) != CUDA_SUCCESS || sluice_real_cuDeviceGetAttribute(&sms, SM_COUNT, device) != CUDA_SUCCESS
        || sluice_real_cuDeviceGetAttribute(&threads, THREADS_PER_SM, device) != CUDA_SUCCESS) {
        return NULL;
    }
    for (int limit = LIMIT_STACK; limit <= LIMIT_HEAP; limit++) {
        size_t bytes = 0;
        if (sluice_real_cuCtxGetLimit(&bytes, limit) == CUDA_SUCCESS) {
            found.limits[limit] = bytes;
        }
    }
    found.threads = (uint64_t)sms * (uint64_t)threads;
    found.thread_bytes = found.limits[LIMIT_STACK];
    *unused = found;
    return unused;
}

// Stays charged until the context ends.
static CUresult charge(struct sluice_asking *asking, const char *function, uint64_t bytes) {
    return bytes ? sluice_charge_begin(asking, function, sluice_charge_rounded(bytes), SLUICE_KIND_CONTEXT) : CUDA_SUCCESS;
}

static CUresult settle(struct sluice_asking *asking, CUresult result) {
    uint64_t name = __atomic_add_fetch(&local.charges, 1, __ATOMIC_RELAXED);
    return sluice_charge_settle(asking, result, UINT64_MAX << 32 | name); // where no pointer or handle is
}

static uint64_t current_context(void) {
    uint64_t context;
    return sluice_tenant_governance() == SLUICE_GOVERNED && sluice_current_row(&context) >= 0 ? context : 0;
}

// What the current context is to be charged for local memory of so much a thread. 0: nothing.
static uint64_t lacking(uint64_t thread_bytes) {
    uint64_t handle = current_context(), bytes = 0;
    sluice_spin_lock(&local.lock);
    const struct context *context = handle ? context_of(handle) : NULL;
    if (context && thread_bytes > context->thread_bytes) {
        bytes = __builtin_mul_overflow(thread_bytes - context->thread_bytes, context->threads, &bytes) ? INT64_MAX : bytes;
    }
    sluice_spin_unlock(&local.lock);
    return bytes;
}

static void has_now(uint64_t thread_bytes) {
    uint64_t handle = current_context();
    sluice_spin_lock(&local.lock);
    struct context *context = handle ? context_of(handle) : NULL;
    if (context && thread_bytes > context->thread_bytes) {
        context->thread_bytes = thread_bytes;
    }
    sluice_spin_unlock(&local.lock);
}

// The place of a function, or of none.
static struct watched *place_of(const void *function) {
    for (unsigned i = 0; i < WATCHED; i++) {
        if (local.watched[i].function == function) {
            return &local.watched[i];
        }
    }
    return NULL;
}

static void watch_no_more(const void *function) {
    if (__atomic_load_n(&sluice_watched, __ATOMIC_ACQUIRE) == 0) {
        return;
    }
    sluice_spin_lock(&local.lock);
    struct watched *place = function ? place_of(function) : NULL;
    if (place) {
        place->function = NULL;
        __atomic_sub_fetch(&sluice_watched, 1, __ATOMIC_RELEASE);
    }
    sluice_spin_unlock(&local.lock);
}

// Anew for a handle that was another function's before.
static void watch(const void *function, const void *owner, uint64_t thread_bytes) {
    if (thread_bytes == 0 || lacking(thread_bytes) == 0) {
        watch_no_more(function);
        return;
    }
    sluice_spin_lock(&local.lock);
    struct watched *place = place_of(function);
    if (!place && (place = place_of(NULL)) != NULL) {
        __atomic_add_fetch(&sluice_watched, 1, __ATOMIC_RELEASE);
    }
    if (place) {
        *place = (struct watched){function, owner, thread_bytes};
    }
    sluice_spin_unlock(&local.lock);
}

// What a function asks for; 0 where it is not watched.
static uint64_t asked_by(const void *function) {
    sluice_spin_lock(&local.lock);
    const struct watched *place = function ? place_of(function) : NULL;
    uint64_t thread_bytes = place ? place->thread_bytes : 0;
    sluice_spin_unlock(&local.lock);
    return thread_bytes;
}

CUresult sluice_local_launch(const char *name, const void *function) {
    uint64_t thread_bytes = asked_by(function);
    if (!thread_bytes) {
        return CUDA_SUCCESS;
    }
    begin_growing();
    struct sluice_asking asking;
    uint64_t bytes = lacking(thread_bytes);
    CUresult result = charge(&asking, name, bytes);
    if (bytes && result == CUDA_SUCCESS) {
        settle(&asking, CUDA_SUCCESS);
        has_now(thread_bytes);
    }
    pthread_mutex_unlock(&growing);
    if (result == CUDA_SUCCESS) {
        watch_no_more(function);
    }
    return result;
}

void sluice_local_unloading(const void *owner) {
    if (!owner || __atomic_load_n(&sluice_watched, __ATOMIC_ACQUIRE) == 0) {
        return;
    }
    sluice_spin_lock(&local.lock);
    for (unsigned i = 0; i < WATCHED; i++) {
        if (local.watched[i].function && local.watched[i].owner == owner) {
            local.watched[i].function = NULL;
            __atomic_sub_fetch(&sluice_watched, 1, __ATOMIC_RELEASE);
        }
    }
    sluice_spin_unlock(&local.lock);
}

void sluice_local_context_over(uint64_t handle) {
    sluice_spin_lock(&local.lock);
    for (unsigned i = 0; i < CONTEXTS; i++) {
        if (local.contexts[i].handle == handle) {
            local.contexts[i].handle = 0;
        }
    }
    sluice_spin_unlock(&local.lock);
}

// The stack limit is local memory; printf's buffer and the heap count by what they grow.
static uint64_t grows_by(uint64_t handle, int limit, size_t value) {
    if (limit == LIMIT_STACK) {
        return lacking(value);
    }
    sluice_spin_lock(&local.lock);
    const struct context *context = context_of(handle);
    uint64_t had = context ? context->limits[limit] : UINT64_MAX;
    sluice_spin_unlock(&local.lock);
    return value > had ? value - had : 0;
}

static void limit_is_now(uint64_t handle, int limit, size_t value) {
    if (limit == LIMIT_STACK) {
        has_now(value);
        return;
    }
    sluice_spin_lock(&local.lock);
    struct context *context = context_of(handle);
    if (context && value > context->limits[limit]) {
        context->limits[limit] = value;
    }
    sluice_spin_unlock(&local.lock);
}

CUresult sluice_hook_cuCtxSetLimit(int limit, size_t value) {
    uint64_t handle = current_context();
    if (!handle || limit < LIMIT_STACK || limit > LIMIT_HEAP) {
        return sluice_real_cuCtxSetLimit(limit, value);
    }
    begin_growing();
    struct sluice_asking asking = {.governed = 0};
    CUresult result = charge(&asking, "cuCtxSetLimit", grows_by(handle, limit, value));
    if (result == CUDA_SUCCESS) {
        result = settle(&asking, sluice_real_cuCtxSetLimit(limit, value));
        if (result == CUDA_SUCCESS) {
            limit_is_now(handle, limit, value);
        }
    }
    pthread_mutex_unlock(&growing);
    return result;
}

// The library of a kernel that is watched itself.
static const void *owner_of(const void *kernel) {
    sluice_spin_lock(&local.lock);
    const struct watched *place = kernel ? place_of(kernel) : NULL;
    const void *owner = place ? place->owner : NULL;
    sluice_spin_unlock(&local.lock);
    return owner;
}

static void watch_function(void *function, const void *owner) {
    int bytes;
    if (function && sluice_tenant_governance() == SLUICE_GOVERNED && sluice_real_cuFuncGetAttribute(&bytes, LOCAL_SIZE_BYTES, function) == CUDA_SUCCESS && bytes >= 0) {
        watch(function, owner, (uint64_t)bytes);
    }
}

// A kernel of a library is launched by its own handle too.
static void watch_kernel(void *kernel, const void *library) {
    int bytes;
    CUdevice device;
    if (kernel && sluice_tenant_governance() == SLUICE_GOVERNED && sluice_real_cuCtxGetDevice(&device) == CUDA_SUCCESS
        && sluice_real_cuKernelGetAttribute(&bytes, LOCAL_SIZE_BYTES, kernel, device) == CUDA_SUCCESS && bytes >= 0) {
        watch(kernel, library, (uint64_t)bytes);
    }
}

CUresult sluice_hook_cuModuleGetFunction(void *hfunc, void *hmod, const char *name) {
    CUresult result = sluice_real_cuModuleGetFunction(hfunc, hmod, name);
    if (result == CUDA_SUCCESS) {
        watch_function(*(void **)hfunc, hmod);
    }
    return result;
}

CUresult sluice_hook_cuKernelGetFunction(void *pFunc, void *kernel) {
    CUresult result = sluice_real_cuKernelGetFunction(pFunc, kernel);
    if (result == CUDA_SUCCESS) {
        watch_function(*(void **)pFunc, owner_of(kernel));
    }
    return result;
}

CUresult sluice_hook_cuLibraryGetKernel(void *pKernel, void *library, const char *name) {
    CUresult result = sluice_real_cuLibraryGetKernel(pKernel, library, name);
    if (result == CUDA_SUCCESS) {
        watch_kernel(*(void **)pKernel, library);
    }
    return result;
}

CUresult sluice_hook_cuModuleEnumerateFunctions(void *functions, unsigned int numFunctions, void *mod) {
    CUresult result = sluice_real_cuModuleEnumerateFunctions(functions, numFunctions, mod);
    for (unsigned i = 0; result == CUDA_SUCCESS && i < numFunctions && ((void **)functions)[i]; i++) {
        watch_function(((void **)functions)[i], mod);
    }
    return result;
}

CUresult sluice_hook_cuLibraryEnumerateKernels(void *kernels, unsigned int numKernels, void *lib) {
    CUresult result = sluice_real_cuLibraryEnumerateKernels(kernels, numKernels, lib);
    for (unsigned i = 0; result == CUDA_SUCCESS && i < numKernels && ((void **)kernels)[i]; i++) {
        watch_kernel(((void **)kernels)[i], lib);
    }
    return result;
}
