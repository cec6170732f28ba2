// pools.c: stream-ordered allocation. A pool takes memory from the device in steps of its own and keeps what is freed, so it is the
// pool that is charged, with the bytes that it has reserved: what an allocation needs at least before the driver is called, and
// what the pool has really taken after that.
#define _GNU_SOURCE
#include "pools.h"

#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "graphs.h"
#include "meter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// CUmemPool_attribute, CUstreamCaptureStatus (CUDA driver API, "Data types").
enum { ATTRIBUTE_RESERVED = 5, ATTRIBUTE_USED = 7 };
enum { CAPTURE_NONE = 0, CAPTURE_MODE_RELAXED = 2 };

// The beginning of CUmemPoolProps.
struct pool_props {
    int allocation_type, handle_types;
    struct {
        int type, id;
    } location;
};
enum { LOCATION_DEVICE = 1 };

// Never freed, so that the list is read without a lock. The lock is held over the driver's call and the charge.
struct pool {
    struct pool *next;
    pthread_mutex_t lock;
    void *_Atomic handle; // NULL once it is destroyed
    int row;
    uint64_t charged_bytes; // what it had reserved when it was last settled
    int too_large;          // it grew by more than fits, and what it took was given back to it: to be trimmed
    uint64_t handed_bytes;  // allocations that live: a pool that is destroyed goes with the last of them
};

static struct pool *_Atomic pools;
static struct pool forgotten = {.lock = PTHREAD_MUTEX_INITIALIZER, .row = SLUICE_ROW_NONE};
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_handler = PTHREAD_ONCE_INIT;

static struct pool *pool_of(void *handle, int device);
static struct pool *pool_of_stream(void *stream, int per_thread);
static struct pool *pool_known(void *handle);
static CUresult begin(struct sluice_asking *asking, const char *function, struct pool *pool, uint64_t bytes);
static CUresult settle(struct sluice_asking *asking, struct pool *pool, CUresult result, CUdeviceptr pointer, uint64_t bytes, void *stream, int per_thread);
static int charge_growth(struct pool *pool, const struct sluice_asking *allocation);
static void settle_pool(struct pool *pool);
static CUresult attribute(const struct pool *pool, int which, uint64_t *value);
static void trim(const struct pool *pool);
static int captures(void *stream, int per_thread);
static int governed(void);

CUresult sluice_hook_cuMemAllocAsync(CUdeviceptr *dptr, size_t bytesize, void *hStream) {
    struct pool *pool = dptr && bytesize && governed() && !captures(hStream, 0) ? pool_of_stream(hStream, 0) : NULL;
    struct sluice_asking asking;
    if (!pool) {
        return sluice_real_cuMemAllocAsync(dptr, bytesize, hStream);
    }
    CUresult result = begin(&asking, "cuMemAllocAsync", pool, bytesize);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocAsync(dptr, bytesize, hStream);
    } while (sluice_charge_again(&asking, result));
    return settle(&asking, pool, result, *dptr, bytesize, hStream, 0);
}

CUresult sluice_hook_cuMemAllocAsync_ptsz(CUdeviceptr *dptr, size_t bytesize, void *hStream) {
    struct pool *pool = dptr && bytesize && governed() && !captures(hStream, 1) ? pool_of_stream(hStream, 1) : NULL;
    struct sluice_asking asking;
    if (!pool) {
        return sluice_real_cuMemAllocAsync_ptsz(dptr, bytesize, hStream);
    }
    CUresult result = begin(&asking, "cuMemAllocAsync_ptsz", pool, bytesize);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocAsync_ptsz(dptr, bytesize, hStream);
    } while (sluice_charge_again(&asking, result));
    return settle(&asking, pool, result, *dptr, bytesize, hStream, 1);
}

CUresult sluice_hook_cuMemAllocFromPoolAsync(CUdeviceptr *dptr, size_t bytesize, void *pool, void *hStream) {
    struct pool *known = dptr && bytesize && governed() && !captures(hStream, 0) ? pool_known(pool) : NULL;
    struct sluice_asking asking;
    if (!known) {
        return sluice_real_cuMemAllocFromPoolAsync(dptr, bytesize, pool, hStream);
    }
    CUresult result = begin(&asking, "cuMemAllocFromPoolAsync", known, bytesize);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocFromPoolAsync(dptr, bytesize, pool, hStream);
    } while (sluice_charge_again(&asking, result));
    return settle(&asking, known, result, *dptr, bytesize, hStream, 0);
}

CUresult sluice_hook_cuMemAllocFromPoolAsync_ptsz(CUdeviceptr *dptr, size_t bytesize, void *pool, void *hStream) {
    struct pool *known = dptr && bytesize && governed() && !captures(hStream, 1) ? pool_known(pool) : NULL;
    struct sluice_asking asking;
    if (!known) {
        return sluice_real_cuMemAllocFromPoolAsync_ptsz(dptr, bytesize, pool, hStream);
    }
    CUresult result = begin(&asking, "cuMemAllocFromPoolAsync_ptsz", known, bytesize);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocFromPoolAsync_ptsz(dptr, bytesize, pool, hStream);
    } while (sluice_charge_again(&asking, result));
    return settle(&asking, known, result, *dptr, bytesize, hStream, 1);
}

CUresult sluice_hook_cuMemPoolCreate(void *pool, const void *poolProps) {
    const struct pool_props *props = poolProps;
    CUresult result = sluice_real_cuMemPoolCreate(pool, poolProps);
    if (result == CUDA_SUCCESS && props->location.type == LOCATION_DEVICE && governed()) {
        pool_of(*(void **)pool, props->location.id);
    }
    return result;
}

// What is still allocated from it stays, and so does its memory.
CUresult sluice_hook_cuMemPoolDestroy(void *pool) {
    struct pool *known = pool && governed() ? pool_known(pool) : NULL;
    if (!known) {
        return sluice_real_cuMemPoolDestroy(pool);
    }
    pthread_mutex_lock(&known->lock);
    CUresult result = sluice_real_cuMemPoolDestroy(pool);
    if (result == CUDA_SUCCESS) {
        known->handle = NULL;
        settle_pool(known);
    }
    pthread_mutex_unlock(&known->lock);
    return result;
}

CUresult sluice_hook_cuMemPoolTrimTo(void *pool, size_t minBytesToKeep) {
    CUresult result = sluice_real_cuMemPoolTrimTo(pool, minBytesToKeep);
    sluice_pools_settle();
    return result;
}

// A pool gives back what it does not need when something is waited for (CUDA driver API, cuMemPoolSetAttribute).
CUresult sluice_hook_cuStreamSynchronize(void *hStream) {
    sluice_meter_pause();
    CUresult result = sluice_real_cuStreamSynchronize(hStream);
    sluice_pools_settle();
    return result;
}

CUresult sluice_hook_cuStreamSynchronize_ptsz(void *hStream) {
    sluice_meter_pause();
    CUresult result = sluice_real_cuStreamSynchronize_ptsz(hStream);
    sluice_pools_settle();
    return result;
}

CUresult sluice_hook_cuEventSynchronize(void *hEvent) {
    sluice_meter_pause();
    CUresult result = sluice_real_cuEventSynchronize(hEvent);
    sluice_pools_settle();
    return result;
}

CUresult sluice_hook_cuCtxSynchronize(void) {
    sluice_meter_pause();
    CUresult result = sluice_real_cuCtxSynchronize();
    sluice_pools_settle();
    return result;
}

CUresult sluice_hook_cuCtxSynchronize_v2(CUcontext ctx) {
    sluice_meter_pause();
    CUresult result = sluice_real_cuCtxSynchronize_v2(ctx);
    sluice_pools_settle();
    return result;
}

void sluice_pools_settle(void) {
    for (struct pool *pool = atomic_load_explicit(&pools, memory_order_acquire); pool; pool = pool->next) {
        pthread_mutex_lock(&pool->lock);
        if (pool->too_large && pool->handle) {
            pool->too_large = 0;
            trim(pool);
        }
        settle_pool(pool);
        pthread_mutex_unlock(&pool->lock);
    }
    sluice_graphs_settle();
}

void sluice_pool_freed(const struct sluice_allocation *freed) {
    struct pool *pool = (struct pool *)(uintptr_t)freed->context;
    pthread_mutex_lock(&pool->lock);
    pool->handed_bytes -= freed->bytes;
    if (!pool->handle) {
        settle_pool(pool);
    }
    pthread_mutex_unlock(&pool->lock);
}

static int governed(void) {
    return sluice_tenant_governance() == SLUICE_GOVERNED;
}

// What a stream that captures is asked for becomes a node of a graph.
static int captures(void *stream, int per_thread) {
    int status = CAPTURE_NONE;
    CUresult result = per_thread ? sluice_real_cuStreamIsCapturing_ptsz(stream, &status) : sluice_real_cuStreamIsCapturing(stream, &status);
    if (result != CUDA_SUCCESS || status == CAPTURE_NONE) {
        return 0;
    }
    sluice_graphs_expect_allocations();
    return 1;
}

// Charges what the pool must grow by for this. In vain, the pool gives back what it does not need, and then it is for good.
static CUresult begin(struct sluice_asking *asking, const char *function, struct pool *pool, uint64_t bytes) {
    if (pool->row < 0) {
        sluice_tenant_count_unlisted();
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&pool->lock);
    for (int last = 0;; last = 1) {
        uint64_t used = 0, wanted;
        attribute(pool, ATTRIBUTE_USED, &used);
        if (__builtin_add_overflow(used, sluice_charge_rounded(bytes), &wanted)) {
            wanted = UINT64_MAX;
        }
        uint64_t missing = wanted > pool->charged_bytes ? wanted - pool->charged_bytes : 0;
        *asking = (struct sluice_asking){.function = function, .kind = SLUICE_KIND_POOL, .row = (unsigned)pool->row};
        struct sluice_standing standing;
        CUresult result = CUDA_SUCCESS;
        if (missing && last) {
            pthread_mutex_unlock(&pool->lock); // it may wait, for what other threads are to free
            result = sluice_charge_begin_row(asking, function, (unsigned)pool->row, missing, SLUICE_KIND_POOL);
            pthread_mutex_lock(&pool->lock);
        } else if (missing) {
            enum sluice_charged charged = sluice_tenant_queued((unsigned)pool->row) ? SLUICE_CHARGE_OVER_LIMIT : sluice_tenant_charge((unsigned)pool->row, missing, SLUICE_KIND_POOL, &standing);
            if (charged > SLUICE_CHARGE_GRANTED_LATE) {
                trim(pool);
                settle_pool(pool);
                continue;
            }
            asking->retries = charged == SLUICE_CHARGE_GRANTED_LATE ? SLUICE_LATE_RETRIES : 0;
        }
        if (result == CUDA_SUCCESS) {
            pool->charged_bytes += missing;
        } else {
            pthread_mutex_unlock(&pool->lock);
        }
        return result;
    }
}

// A pool that grew by more than fits gives the allocation back: what it then still holds, it holds until the stream comes to the free.
static CUresult settle(struct sluice_asking *asking, struct pool *pool, CUresult result, CUdeviceptr pointer, uint64_t bytes, void *stream, int per_thread) {
    asking->bytes = bytes;
    if (result == CUDA_SUCCESS && !charge_growth(pool, asking)) {
        per_thread ? sluice_real_cuMemFreeAsync_ptsz(pointer, stream) : sluice_real_cuMemFreeAsync(pointer, stream);
        pool->too_large = 1;
        trim(pool);
        settle_pool(pool);
        pthread_mutex_unlock(&pool->lock);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    settle_pool(pool);
    if (result == CUDA_SUCCESS) {
        struct sluice_allocation allocation = {
            .pointer = pointer, .context = (uint64_t)(uintptr_t)pool, .bytes = bytes & 0xffffffffffff, .row = asking->row & 0xff, .kind = SLUICE_KIND_POOL,
        };
        pool->handed_bytes += sluice_pointer_map_put(&allocation) ? 0 : allocation.bytes;
    }
    pthread_mutex_unlock(&pool->lock);
    return result == CUDA_SUCCESS ? result : sluice_charge_driver_full(asking, result);
}

static int reserved_bytes(const struct pool *pool, uint64_t *reserved) {
    return attribute(pool, ATTRIBUTE_RESERVED, reserved) == CUDA_SUCCESS;
}

// What the application has not asked for must not break a capture, of this thread or, in global mode, of another (CUDA driver API,
// cuThreadExchangeStreamCaptureMode). Called before with the relaxed mode and after it with what it left there.
static void exchange_mode(int *mode) {
    if (*mode >= 0 && sluice_real_cuThreadExchangeStreamCaptureMode(mode) != CUDA_SUCCESS) {
        *mode = -1; // a driver without modes: nothing to put back
    }
}

static CUresult attribute(const struct pool *pool, int which, uint64_t *value) {
    int mode = CAPTURE_MODE_RELAXED;
    exchange_mode(&mode);
    CUresult result = sluice_real_cuMemPoolGetAttribute(pool->handle, which, value);
    exchange_mode(&mode);
    return result;
}

static void trim(const struct pool *pool) {
    int mode = CAPTURE_MODE_RELAXED;
    exchange_mode(&mode);
    sluice_real_cuMemPoolTrimTo(pool->handle, 0);
    exchange_mode(&mode);
}

// Returns 0, and has told it, where that is more than fits.
static int charge_growth(struct pool *pool, const struct sluice_asking *allocation) {
    uint64_t reserved = 0;
    if (!reserved_bytes(pool, &reserved) || reserved <= pool->charged_bytes) {
        return 1;
    }
    struct sluice_asking growth;
    if (sluice_charge_begin_row(&growth, allocation->function, allocation->row, reserved - pool->charged_bytes, SLUICE_KIND_POOL) != CUDA_SUCCESS) {
        return 0;
    }
    pool->charged_bytes = reserved;
    return 1;
}

static void settle_pool(struct pool *pool) {
    uint64_t reserved = pool->handed_bytes ? pool->charged_bytes : 0; // of a pool that is destroyed
    if (pool->row < 0 || (pool->handle && !reserved_bytes(pool, &reserved))) {
        return;
    }
    if (reserved > pool->charged_bytes) {
        sluice_tenant_charge_taken((unsigned)pool->row, reserved - pool->charged_bytes, SLUICE_KIND_POOL);
    } else if (reserved < pool->charged_bytes) {
        sluice_tenant_release((unsigned)pool->row, pool->charged_bytes - reserved, SLUICE_KIND_POOL);
    }
    pool->charged_bytes = reserved;
}

static struct pool *find(void *handle) {
    struct pool *pool = atomic_load_explicit(&pools, memory_order_acquire);
    while (pool && pool->handle != handle) {
        pool = pool->next;
    }
    return pool;
}

static void start_afresh_after_fork(void) {
    pthread_mutex_init(&adding, NULL);
    pools = NULL;
}

static void expect_forks(void) {
    pthread_atfork(NULL, NULL, start_afresh_after_fork);
}

// Without memory one that grants nothing.
static struct pool *pool_of(void *handle, int device) {
    struct pool *pool = find(handle);
    if (pool) {
        return pool;
    }
    pthread_once(&fork_handler, expect_forks);
    pthread_mutex_lock(&adding);
    pool = find(handle);
    if (!pool && !(pool = calloc(1, sizeof *pool))) {
        pool = &forgotten;
    } else if (!pool->handle) {
        pthread_mutex_init(&pool->lock, NULL);
        pool->handle = handle;
        pool->row = sluice_row_of_device(device);
        pool->next = pools;
        atomic_store_explicit(&pools, pool, memory_order_release);
    }
    pthread_mutex_unlock(&adding);
    return pool;
}

// A pool that cuMemPoolCreate did not make is the default one of a device. NULL where the handle is none.
static struct pool *pool_known(void *handle) {
    struct pool *pool = handle ? find(handle) : NULL;
    int count = 0;
    if (pool || !handle || sluice_real_cuDeviceGetCount(&count) != CUDA_SUCCESS) {
        return pool;
    }
    for (int device = 0; device < count; device++) {
        void *its = NULL;
        if (sluice_real_cuDeviceGetDefaultMemPool(&its, device) == CUDA_SUCCESS && its == handle) {
            return pool_of(handle, device);
        }
    }
    return NULL;
}

// The pool that the stream's device uses now. NULL where the driver will refuse.
static struct pool *pool_of_stream(void *stream, int per_thread) {
    CUdevice device;
    void *handle = NULL;
    if (sluice_device_of_stream(stream, per_thread, &device) || sluice_real_cuDeviceGetMemPool(&handle, device) != CUDA_SUCCESS || !handle) {
        return NULL;
    }
    return pool_of(handle, device);
}
