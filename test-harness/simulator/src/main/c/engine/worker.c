// worker.c: picks the next operation, computes it, and books its device time.
#define _GNU_SOURCE
#include "engine/worker.h"

#include <stdlib.h>

#include "base/clock.h"

// A moment of another context does not wake this worker; it looks again this often.
enum { FOREIGN_POLL_NS = 200000 };

static _Thread_local int inside_host_function;

int queue_inside(void) {
    return inside_host_function;
}

void queue_enter_host_function(int inside) {
    inside_host_function = inside;
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static int may_run(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    if (operation->wait && !atomic_load(&operation->wait->executed)) return 0;
    if (stream != &queue->legacy) {
        const struct operation *legacy = queue->legacy.head;
        return !stream->blocking || !legacy || legacy->sequence > operation->sequence;
    }
    for (const struct stream *busy = queue->busy; busy; busy = busy->next_busy)
        if (busy->blocking && busy->head->sequence < operation->sequence) return 0;
    return 1;
}

static uint64_t ready_at(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    uint64_t ready_ns = later(operation->submit_ns, stream->end_ns);
    if (operation->wait) ready_ns = later(ready_ns, operation->wait->at_ns);
    if (stream == &queue->legacy) return later(ready_ns, queue->blocking_end_ns);
    return stream->blocking ? later(ready_ns, queue->legacy.end_ns) : ready_ns;
}

// When the operation should be computed: not long before device time comes to it, so that the engine is not booked far ahead of
// other processes; a host function not before at all.
static uint64_t due_at(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    if (atomic_load(&queue->broken)) return 0;
    uint64_t begin_ns = ready_at(queue, stream);
    if (operation->on_time) return begin_ns;
    if (operation->engine == ENGINE_COMPUTE) begin_ns = later(begin_ns, card_free_at(queue->card, ENGINE_COMPUTE));
    return begin_ns > AHEAD_NS ? begin_ns - AHEAD_NS : 0;
}

// The oldest operation that is due, or NULL; then *again_ns says when to look again, UINT64_MAX for when something is submitted.
static struct stream *pick(const struct queue *queue, uint64_t *again_ns) {
    struct stream *best = NULL;
    uint64_t now_ns = clock_now_ns();
    *again_ns = UINT64_MAX;
    for (struct stream *stream = queue->busy; stream; stream = stream->next_busy) {
        uint64_t due_ns = UINT64_MAX;
        if (may_run(queue, stream)) due_ns = due_at(queue, stream);
        else if (stream->head->wait && stream->head->wait->queue != queue) due_ns = now_ns + FOREIGN_POLL_NS;
        if (due_ns > now_ns) *again_ns = due_ns < *again_ns ? due_ns : *again_ns;
        else if (!best || stream->head->sequence < best->head->sequence) best = stream;
    }
    return best;
}

// Without the lock: `run` may take long, and a host function may submit.
static uint64_t execute(struct queue *queue, struct operation *operation) {
    inside_host_function = operation->on_time;
    if (atomic_load(&queue->broken)) {
        if (operation->skip) operation->skip(operation);
        inside_host_function = 0;
        return operation->ready_ns;
    }
    uint64_t begun_ns = clock_now_ns();
    int result = operation->run ? operation->run(operation) : 0;
    uint64_t now_ns = clock_now_ns();
    inside_host_function = 0;
    if (result != 0) atomic_store(&queue->broken, result);
    if (operation->engine == ENGINE_NONE) return operation->on_time ? now_ns : operation->ready_ns;
    if (operation->engine == ENGINE_COMPUTE && now_ns - begun_ns > operation->length_ns)
        atomic_fetch_add(&queue->card->state->overruns, 1);
    return card_book(queue->card, operation->engine, operation->ready_ns, operation->length_ns, now_ns);
}

static void leave_busy(struct queue *queue, struct stream *stream) {
    if (stream->previous_busy) stream->previous_busy->next_busy = stream->next_busy;
    else queue->busy = stream->next_busy;
    if (stream->next_busy) stream->next_busy->previous_busy = stream->previous_busy;
    if (stream->destroyed) stream_forget(stream);
}

static void finish(struct queue *queue, struct stream *stream, uint64_t end_ns) {
    struct operation *operation = stream->head;
    stream->end_ns = later(stream->end_ns, end_ns);
    queue->end_ns = later(queue->end_ns, end_ns);
    if (stream->blocking) queue->blocking_end_ns = later(queue->blocking_end_ns, end_ns);
    if (operation->signal) {
        operation->signal->at_ns = end_ns;
        atomic_store(&operation->signal->executed, 1);
    }
    stream->head = operation->next;
    if (!stream->head) {
        stream->tail = NULL;
        leave_busy(queue, stream);
    }
    queue->queued--;
    pthread_cond_broadcast(&queue->progress);
}

static void step(struct queue *queue) {
    uint64_t again_ns;
    struct stream *stream = pick(queue, &again_ns);
    if (!stream) {
        struct timespec again = clock_timespec(again_ns);
        if (again_ns == UINT64_MAX) pthread_cond_wait(&queue->work, &queue->lock);
        else pthread_cond_timedwait(&queue->work, &queue->lock, &again);
        return;
    }
    struct operation *operation = stream->head;
    operation->ready_ns = ready_at(queue, stream);
    pthread_mutex_unlock(&queue->lock);
    uint64_t end_ns = execute(queue, operation);
    pthread_mutex_lock(&queue->lock);
    finish(queue, stream, end_ns);
    operation_free(operation);
}

void *worker_main(void *argument) {
    struct queue *queue = argument;
    pthread_mutex_lock(&queue->lock);
    while (queue->stop < 2 && !(queue->stop && !queue->busy)) step(queue);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}
