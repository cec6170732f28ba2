// queue.c: handing work over, and waiting for it. The worker itself is in worker.c.
#define _GNU_SOURCE
#include "engine/queue.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/worker.h"

enum { EXIT_PATIENCE_NS = 100000000 };

static struct pool streams = POOL(struct stream, 65536);
static _Atomic uint64_t next_stream_id = 1, next_context = 1;

static void init_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int queue_open(struct queue *queue, struct card *card) {
    *queue = (struct queue){.card = card};
    if (seat_take(&queue->seat, card, atomic_fetch_add(&next_context, 1)) != 0) return -1;
    pthread_mutex_init(&queue->lock, NULL);
    init_condition(&queue->work);
    init_condition(&queue->progress);
    queue->legacy = (struct stream){.queue = queue, .blocking = 1, .id = atomic_fetch_add(&next_stream_id, 1)};
    // The application's signals are not for us: its handlers expect its own threads. A fault of our own stays visible.
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int failed = pthread_create(&queue->worker, NULL, worker_main, queue);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) seat_leave(&queue->seat);
    return failed ? -1 : 0;
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->stop = 1;
    pthread_cond_broadcast(&queue->work);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->worker, NULL);
    seat_leave(&queue->seat);
    clock_sleep_until(queue->end_ns);
    while (queue->streams) {
        struct stream *stream = queue->streams;
        queue->streams = stream->next;
        pool_put(&streams, stream);
    }
    pthread_cond_destroy(&queue->work);
    pthread_cond_destroy(&queue->progress);
    pthread_mutex_destroy(&queue->lock);
}

// The worker may hang in a host function, or on its way out in what that has attached to the thread (a JVM that is ending).
void queue_stop_at_exit(struct queue *queue) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until = clock_timespec((uint64_t)until.tv_sec * 1000000000u + (uint64_t)until.tv_nsec + EXIT_PATIENCE_NS);
    atomic_store(&queue->cancel, 1);
    if (pthread_mutex_timedlock(&queue->lock, &until) != 0) return;
    queue->stop = 2;
    pthread_cond_broadcast(&queue->work);
    pthread_mutex_unlock(&queue->lock);
    if (pthread_timedjoin_np(queue->worker, NULL, &until) != 0) pthread_detach(queue->worker);
}

struct stream *stream_open(struct queue *queue, unsigned flags, int priority, const void *thread) {
    struct stream *stream = pool_take(&streams);
    if (!stream) return NULL;
    stream->queue = queue;
    stream->flags = flags;
    stream->blocking = !(flags & 1);
    stream->priority = priority;
    stream->thread = thread;
    stream->id = atomic_fetch_add(&next_stream_id, 1);
    pthread_mutex_lock(&queue->lock);
    stream->next = queue->streams;
    if (stream->next) stream->next->previous = stream;
    queue->streams = stream;
    pthread_mutex_unlock(&queue->lock);
    return stream;
}

const struct operation *stream_oldest(const struct stream *stream) {
    return stream->flying ? stream->flying : stream->head;
}

int stream_is(const void *handle) {
    return pool_has(&streams, handle);
}

void stream_forget(struct stream *stream) {
    struct queue *queue = stream->queue;
    if (stream->previous) stream->previous->next = stream->next;
    else queue->streams = stream->next;
    if (stream->next) stream->next->previous = stream->previous;
    pool_put(&streams, stream);
}

void stream_close(struct stream *stream) {
    struct queue *queue = stream->queue;
    pthread_mutex_lock(&queue->lock);
    stream->destroyed = 1;
    atomic_store(&stream->pooled.alive, 0);
    if (!stream_oldest(stream)) stream_forget(stream);
    pthread_mutex_unlock(&queue->lock);
}

struct stream *stream_of_thread(struct queue *queue, const void *thread) {
    pthread_mutex_lock(&queue->lock);
    struct stream *stream = queue->streams;
    while (stream && stream->thread != thread) stream = stream->next;
    pthread_mutex_unlock(&queue->lock);
    return stream ? stream : stream_open(queue, 0, 0, thread);
}

struct operation *operation_new(operation_run run, enum card_engine engine, size_t payload_bytes) {
    struct operation *operation = malloc(sizeof *operation + payload_bytes);
    if (operation) *operation = (struct operation){.run = run, .engine = engine};
    return operation;
}

void operation_free(struct operation *operation) {
    moment_drop(operation->wait);
    moment_drop(operation->signal);
    free(operation);
}

void queue_submit(struct stream *stream, struct operation *operation) {
    struct queue *queue = stream->queue;
    pthread_mutex_lock(&queue->lock);
    while (queue->queued >= queue->card->description->queue_depth) pthread_cond_wait(&queue->progress, &queue->lock);
    operation->sequence = ++queue->sequence;
    operation->submit_ns = clock_now_ns();
    queue->queued++;
    int was_idle = !stream_oldest(stream);
    if (stream->tail) stream->tail->next = operation;
    else stream->head = operation;
    if (was_idle) {
        stream->previous_busy = NULL;
        stream->next_busy = queue->busy;
        if (queue->busy) queue->busy->previous_busy = stream;
        queue->busy = stream;
    }
    stream->tail = operation;
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->lock);
}

// Whether `stream` (NULL: any) still holds an operation up to `sequence` that a wait for it has to wait for.
static int outstanding(const struct queue *queue, const struct stream *stream, uint64_t sequence) {
    for (const struct stream *busy = queue->busy; busy; busy = busy->next_busy) {
        int concerns = !stream || busy == stream || (stream == &queue->legacy && busy->blocking);
        if (concerns && stream_oldest(busy)->sequence <= sequence) return 1;
    }
    return 0;
}

static uint64_t end_of(const struct queue *queue, const struct stream *stream) {
    if (!stream) return queue->end_ns;
    return stream == &queue->legacy && queue->blocking_end_ns > stream->end_ns ? queue->blocking_end_ns : stream->end_ns;
}

static int wait_for(struct queue *queue, const struct stream *stream) {
    pthread_mutex_lock(&queue->lock);
    uint64_t sequence = queue->sequence;
    while (outstanding(queue, stream, sequence)) pthread_cond_wait(&queue->progress, &queue->lock);
    uint64_t end_ns = end_of(queue, stream);
    pthread_mutex_unlock(&queue->lock);
    clock_sleep_until(end_ns);
    return atomic_load(&queue->broken);
}

int queue_wait(struct queue *queue) {
    return wait_for(queue, NULL);
}

int stream_wait(struct stream *stream) {
    return wait_for(stream->queue, stream);
}

int stream_is_over(struct stream *stream) {
    struct queue *queue = stream->queue;
    pthread_mutex_lock(&queue->lock);
    int over = !outstanding(queue, stream, queue->sequence) && end_of(queue, stream) <= clock_now_ns();
    pthread_mutex_unlock(&queue->lock);
    return over;
}

int moment_wait(struct moment *moment) {
    struct queue *queue = moment->queue;
    if (!atomic_load(&moment->executed)) {
        pthread_mutex_lock(&queue->lock);
        while (!atomic_load(&moment->executed)) pthread_cond_wait(&queue->progress, &queue->lock);
        pthread_mutex_unlock(&queue->lock);
    }
    clock_sleep_until(moment->at_ns);
    return atomic_load(&queue->broken);
}

int moment_is_over(struct moment *moment) {
    return atomic_load(&moment->executed) && moment->at_ns <= clock_now_ns();
}
