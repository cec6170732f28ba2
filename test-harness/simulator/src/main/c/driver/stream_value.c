// stream_value.c: see stream_value.h. A batch without a wait is one operation. Any other is handed to a thread that looks at all
// values that are waited for, again and again, and a second operation waits for the end of the batch.
//
// The functions of before CUDA 11.7 (those without _v2) stay unsupported, as with the driver unless its module is told otherwise.
#include "driver/stream_value.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/address.h"
#include "driver/api.h"
#include "engine/helper.h"
#include "graph/capture.h"

// By number in CUstreamBatchMemOpType, and the flags of a wait.
enum { WAIT_32 = 1, WRITE_32 = 2, FLUSH_REMOTE = 3, WAIT_64 = 4, WRITE_64 = 5, BARRIER = 6 };
enum { UNTIL_GEQ, UNTIL_EQ, UNTIL_AND, UNTIL_NOR, FLUSH_AFTER_WAIT = 1 << 30 };
enum { ITEMS_MAX = 256, LOOK_AGAIN_NS = 50000 };

struct batch {
    struct batch *next;
    struct queue *queue;
    struct moment *over; // held
    unsigned count, position;
    CUstreamBatchMemOpParams items[];
};

static int is_wait(const CUstreamBatchMemOpParams *item) {
    return item->operation == WAIT_32 || item->operation == WAIT_64;
}

static uint64_t width(const CUstreamBatchMemOpParams *item) {
    return item->operation == WAIT_64 || item->operation == WRITE_64 ? 8 : 4;
}

static CUresult check_item(const CUstreamBatchMemOpParams *item) {
    switch (item->operation) {
    case BARRIER: return CUDA_SUCCESS;
    case FLUSH_REMOTE: return CUDA_ERROR_NOT_SUPPORTED; // for peers that write from outside
    case WAIT_32: case WAIT_64:
        if (item->at.flags & FLUSH_AFTER_WAIT) return CUDA_ERROR_NOT_SUPPORTED;
        if (item->at.flags > UNTIL_NOR) return CUDA_ERROR_INVALID_VALUE;
        break;
    case WRITE_32: case WRITE_64:
        if (item->at.flags > 1) return CUDA_ERROR_INVALID_VALUE; // 1: without a barrier
        break;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    if (item->at.address % width(item)) return CUDA_ERROR_INVALID_VALUE;
    return address_host(item->at.address, width(item)) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult batch_check(const CUstreamBatchMemOpParams *items, unsigned count, unsigned flags) {
    if (!items || count == 0 || count > ITEMS_MAX || flags) return CUDA_ERROR_INVALID_VALUE;
    for (unsigned i = 0; i < count; i++) {
        CUresult result = check_item(&items[i]);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

static int holds_32(uint32_t now, uint32_t wanted, unsigned how) {
    switch (how) {
    case UNTIL_GEQ: return (int32_t)(now - wanted) >= 0;
    case UNTIL_EQ: return now == wanted;
    case UNTIL_AND: return (now & wanted) != 0;
    default: return ~(now | wanted) != 0;
    }
}

static int holds_64(uint64_t now, uint64_t wanted, unsigned how) {
    switch (how) {
    case UNTIL_GEQ: return (int64_t)(now - wanted) >= 0;
    case UNTIL_EQ: return now == wanted;
    case UNTIL_AND: return (now & wanted) != 0;
    default: return ~(now | wanted) != 0;
    }
}

// Whether the item is done; -1 when its memory is gone.
static int do_item(const CUstreamBatchMemOpParams *item) {
    if (item->operation == BARRIER) return 1;
    void *host = address_host(item->at.address, width(item));
    if (!host) return -1;
    switch (item->operation) {
    case WAIT_32: return holds_32(__atomic_load_n((uint32_t *)host, __ATOMIC_ACQUIRE), (uint32_t)item->at.value, item->at.flags);
    case WAIT_64: return holds_64(__atomic_load_n((uint64_t *)host, __ATOMIC_ACQUIRE), item->at.value, item->at.flags);
    case WRITE_32: __atomic_store_n((uint32_t *)host, (uint32_t)item->at.value, __ATOMIC_RELEASE); return 1;
    default: __atomic_store_n((uint64_t *)host, item->at.value, __ATOMIC_RELEASE); return 1;
    }
}

// Whether the batch is over.
static int advance(struct batch *batch) {
    while (batch->position < batch->count && !atomic_load(&batch->queue->broken)) {
        int done = do_item(&batch->items[batch->position]);
        if (done == 0) return 0;
        if (done < 0) atomic_store(&batch->queue->broken, CUDA_ERROR_ILLEGAL_ADDRESS);
        batch->position++;
    }
    return 1;
}

static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER; // guards both
static struct batch *waiting;
static int looking;

static void finish(struct batch *batch) {
    struct moment *over = batch->over;
    free(batch);
    moment_reach(over);
    moment_drop(over);
}

// Takes all that are over out of the list.
static struct batch *look(void) {
    struct batch *done = NULL;
    pthread_mutex_lock(&waiting_lock);
    for (struct batch **link = &waiting; *link;) {
        struct batch *batch = *link;
        if (advance(batch)) {
            *link = batch->next;
            batch->next = done;
            done = batch;
        } else {
            link = &batch->next;
        }
    }
    if (!waiting) looking = 0;
    pthread_mutex_unlock(&waiting_lock);
    return done;
}

static void look_until_all_are_over(struct helper_task *task) {
    free(task);
    for (int more = 1; more;) {
        struct batch *done = look();
        pthread_mutex_lock(&waiting_lock);
        more = looking;
        pthread_mutex_unlock(&waiting_lock);
        while (done) {
            struct batch *batch = done;
            done = batch->next;
            finish(batch);
        }
        if (more) nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
    }
}

// Also in a broken context: the second operation waits all the same.
static void hand_over(struct operation *operation) {
    struct batch *batch = *(struct batch **)operation->payload;
    struct helper_task *task = calloc(1, sizeof *task);
    if (!task || advance(batch)) {
        free(task);
        finish(batch);
        return;
    }
    task->run = look_until_all_are_over;
    pthread_mutex_lock(&waiting_lock);
    batch->next = waiting;
    waiting = batch;
    int start = !looking;
    looking = 1;
    pthread_mutex_unlock(&waiting_lock);
    if (start) helper_run(task, &waiting);
    else free(task);
}

static int run_hand_over(struct operation *operation) {
    hand_over(operation);
    return CUDA_SUCCESS;
}

static int run_writes(struct operation *operation) {
    struct batch *batch = *(struct batch **)operation->payload;
    struct queue *queue = batch->queue;
    advance(batch);
    free(batch);
    return atomic_load(&queue->broken);
}

static void skip_writes(struct operation *operation) {
    free(*(struct batch **)operation->payload);
}

CUresult batch_operations(const CUstreamBatchMemOpParams *items, unsigned count, struct queue *queue,
                          struct operations *operations) {
    int waits = 0;
    for (unsigned i = 0; i < count; i++) waits |= is_wait(&items[i]);
    struct batch *batch = malloc(sizeof *batch + count * sizeof *items);
    struct operation *first = operation_new(waits ? run_hand_over : run_writes, ENGINE_NONE, sizeof batch);
    struct operation *second = waits ? operation_new(NULL, ENGINE_NONE, 0) : NULL;
    struct moment *over = waits ? moment_new(queue) : NULL;
    if (!batch || !first || (waits && (!second || !over))) {
        free(batch);
        free(first);
        free(second);
        moment_drop(over);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *batch = (struct batch){.queue = queue, .over = over, .count = count};
    memcpy(batch->items, items, count * sizeof *items);
    *(struct batch **)first->payload = batch;
    first->skip = waits ? hand_over : skip_writes;
    if (waits) second->wait = moment_hold(over);
    *operations = (struct operations){first, second};
    return CUDA_SUCCESS;
}

CUresult cuStreamBatchMemOp_v2(CUstream stream, unsigned int count, CUstreamBatchMemOpParams *paramArray, unsigned int flags) {
    CUcontext context;
    struct stream *found;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, stream, &found);
    if (result == CUDA_SUCCESS) result = batch_check(paramArray, count, flags);
    if (result != CUDA_SUCCESS) return result;
    return capture_or_submit(found, &(struct work){.type = WORK_BATCH, .batch = {count, 0, paramArray}});
}

static CUresult one(CUstream stream, CUstreamBatchMemOpType type, CUdeviceptr address, uint64_t value, unsigned flags) {
    CUstreamBatchMemOpParams item;
    memset(&item, 0, sizeof item);
    item.at.operation = type;
    item.at.address = address;
    item.at.value = value;
    item.at.flags = flags;
    return cuStreamBatchMemOp_v2(stream, 1, &item, 0);
}

CUresult cuStreamWaitValue32_v2(CUstream stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
    return one(stream, WAIT_32, addr, value, flags);
}

CUresult cuStreamWaitValue64_v2(CUstream stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
    return one(stream, WAIT_64, addr, value, flags);
}

CUresult cuStreamWriteValue32_v2(CUstream stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
    return one(stream, WRITE_32, addr, value, flags);
}

CUresult cuStreamWriteValue64_v2(CUstream stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
    return one(stream, WRITE_64, addr, value, flags);
}
