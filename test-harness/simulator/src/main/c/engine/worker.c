// worker.c: picks the next operation, computes it, and books its device time.
#define _GNU_SOURCE
#include "engine/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cards/cost.h"
#include "cards/usage.h"

// A moment of another context does not wake this worker; it looks again this often.
enum { FOREIGN_POLL_NS = 200000 };
// A process that is killed was seen to live so long ago at most.
enum { SEEN_EVERY_NS = 50000000 };
// Results that come later than this make their kernel begin later.
enum { LATE_NS = 2000000 };

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

static int is_timed_record(const struct operation *operation) {
    return operation->engine == ENGINE_NONE && operation->signal && !operation->on_time;
}

// Whether its time can be known only by the engine, or needs not be known before what follows is computed.
static int may_fly(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    if (operation->engine == ENGINE_COMPUTE || is_timed_record(operation)) return seat_has_room(&queue->seat);
    return !stream->flying || (operation->engine == ENGINE_NONE && !operation->on_time);
}

static int may_run(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    if (!operation || !may_fly(queue, stream)) return 0;
    if (operation->wait && !atomic_load(&operation->wait->executed)) return 0;
    if (stream != &queue->legacy) {
        const struct operation *legacy = stream_oldest(&queue->legacy);
        return !stream->blocking || !legacy || legacy->sequence > operation->sequence;
    }
    for (const struct stream *busy = queue->busy; busy; busy = busy->next_busy)
        if (busy != stream && busy->blocking && stream_oldest(busy)->sequence < operation->sequence) return 0;
    return 1;
}

static uint64_t ready_at(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    uint64_t ready_ns = later(operation->submit_ns, stream->end_ns);
    if (operation->wait) ready_ns = later(ready_ns, operation->wait->at_ns);
    if (stream == &queue->legacy) return later(ready_ns, queue->blocking_end_ns);
    return stream->blocking ? later(ready_ns, queue->legacy.end_ns) : ready_ns;
}

// When the operation should be computed: not long before device time comes to it; a host function not before at all.
static uint64_t due_at(const struct queue *queue, const struct stream *stream) {
    const struct operation *operation = stream->head;
    if (atomic_load(&queue->broken)) return 0;
    uint64_t begin_ns = ready_at(queue, stream);
    if (operation->on_time) return begin_ns;
    if (stream->flying && stream->flying_ns >= AHEAD_NS) return UINT64_MAX; // land() says until when
    return begin_ns > AHEAD_NS ? begin_ns - AHEAD_NS : 0;
}

static int before(const struct stream *one, const struct stream *other) {
    return one->priority != other->priority ? one->priority < other->priority : one->head->sequence < other->head->sequence;
}

// The oldest operation of the highest priority that is due, or NULL; then *again_ns says when to look again, UINT64_MAX for when something is submitted.
static struct stream *pick(const struct queue *queue, uint64_t *again_ns) {
    struct stream *best = NULL;
    uint64_t now_ns = clock_now_ns();
    *again_ns = queue->flying ? queue->look_ns : UINT64_MAX;
    for (struct stream *stream = queue->busy; stream; stream = stream->next_busy) {
        uint64_t due_ns = UINT64_MAX;
        if (may_run(queue, stream)) due_ns = due_at(queue, stream);
        else if (stream->head && stream->head->wait && stream->head->wait->queue != queue) due_ns = now_ns + FOREIGN_POLL_NS;
        if (due_ns > now_ns) *again_ns = due_ns < *again_ns ? due_ns : *again_ns;
        else if (!best || before(stream, best)) best = stream;
    }
    return best;
}

// Computes a kernel or a fill, and settles how long it lasts.
static int compute(struct queue *queue, struct stream *stream, struct operation *operation) {
    const struct card_description *card = queue->card->description;
    int result = operation->run ? operation->run(operation) : 0;
    if (operation->name[0]) {
        operation->length_ns = cost_noisy(card, stream->id, ++stream->kernels, operation->length_ns);
        if (operation->first_launch) operation->length_ns += cost_first_launch(card);
        atomic_fetch_add(&queue->card->state->slot[queue->card->slot].launches, 1);
    }
    return result;
}

// Without the lock: `run` may take long, and a host function may submit. Returns the end, where it is known already.
static uint64_t execute(struct queue *queue, struct stream *stream, struct operation *operation) {
    inside_host_function = operation->on_time;
    int result = 0;
    if (atomic_load(&queue->broken)) {
        if (operation->skip) operation->skip(operation);
        operation->engine = ENGINE_NONE;
        operation->length_ns = 0;
    } else if (operation->engine == ENGINE_COMPUTE) {
        result = compute(queue, stream, operation);
    } else if (operation->run) {
        result = operation->run(operation);
    }
    uint64_t now_ns = clock_now_ns();
    inside_host_function = 0;
    if (result != 0) atomic_store(&queue->broken, result);
    if (operation->engine == ENGINE_NONE) return operation->on_time ? later(now_ns, operation->ready_ns) : operation->ready_ns;
    if (operation->engine == ENGINE_COMPUTE) return 0;
    return card_book(queue->card, operation->engine, operation->ready_ns, operation->length_ns, now_ns);
}

static void leave_busy(struct queue *queue, struct stream *stream) {
    if (stream->previous_busy) stream->previous_busy->next_busy = stream->next_busy;
    else queue->busy = stream->next_busy;
    if (stream->next_busy) stream->next_busy->previous_busy = stream->previous_busy;
    if (stream->destroyed) stream_forget(stream);
}

// The operation was taken off its stream, and is over at end_ns.
static void finish(struct queue *queue, struct stream *stream, struct operation *operation, uint64_t end_ns) {
    stream->end_ns = later(stream->end_ns, end_ns);
    queue->end_ns = later(queue->end_ns, end_ns);
    if (stream->blocking) queue->blocking_end_ns = later(queue->blocking_end_ns, end_ns);
    if (operation->signal) {
        operation->signal->at_ns = stream->end_ns;
        atomic_store(&operation->signal->executed, 1);
    }
    operation_free(operation);
    if (!stream_oldest(stream)) leave_busy(queue, stream);
    queue->queued--;
    pthread_cond_broadcast(&queue->progress);
}

static void fly(struct queue *queue, struct stream *stream, struct operation *operation) {
    if (operation->engine == ENGINE_COMPUTE || is_timed_record(operation)) {
        const struct card_description *card = queue->card->description;
        struct deal_kernel kernel = {
            .stream = stream->id, .submit_ns = operation->submit_ns, .ready_ns = operation->ready_ns, .priority = stream->priority,
            .length_ns = operation->engine == ENGINE_COMPUTE ? operation->length_ns : cost_event(card),
            .sms = operation->engine != ENGINE_COMPUTE ? 0 : operation->sms ? operation->sms : card->sms,
        };
        // Whoever computes late must not rewrite what others have seen long since.
        uint64_t earliest_ns = clock_now_ns() - LATE_NS;
        if (kernel.ready_ns < earliest_ns && !stream->flying) {
            kernel.ready_ns = earliest_ns;
            atomic_fetch_add(&queue->card->state->overruns, 1);
        }
        memcpy(kernel.name, operation->name[0] ? operation->name : "(fill)", operation->name[0] ? sizeof operation->name : 7);
        operation->length_ns = kernel.length_ns;
        operation->number = seat_hand_in(&queue->seat, &kernel);
        queue->look_ns = 0;
    }
    stream->flying_ns = operation->length_ns + (stream->flying ? stream->flying_ns : 0);
    operation->next = NULL;
    if (stream->flying) stream->last_flying->next = operation;
    else stream->flying = operation;
    stream->last_flying = operation;
    queue->flying++;
}

static uint64_t left_of(const struct queue *queue, const struct stream *stream) {
    uint64_t left_ns = 0;
    for (const struct operation *operation = stream->flying; operation; operation = operation->next)
        if (operation->number) left_ns += seat_left_of(&queue->seat, operation->number, operation->length_ns);
    return left_ns;
}

// Enters what was dealt to a kernel since the last look as time in which the engine was busy.
static void enter_usage(struct queue *queue, struct operation *operation) {
    if (operation->engine != ENGINE_COMPUTE) return;
    uint64_t end_ns = seat_end_of(&queue->seat, operation->number);
    uint64_t left_ns = end_ns ? 0 : seat_left_of(&queue->seat, operation->number, operation->length_ns);
    uint64_t until_ns = end_ns ? end_ns : queue->seat.view->time_ns, dealt_ns = operation->length_ns - left_ns;
    uint64_t more_ns = dealt_ns - operation->dealt_ns;
    if (!more_ns) return;
    operation->dealt_ns = dealt_ns;
    atomic_fetch_add(&queue->card->state->slot[queue->card->slot].busy_ns[ENGINE_COMPUTE], more_ns);
    usage_add(queue->card, USAGE_KERNELS, until_ns - more_ns, until_ns);
}

// Takes off the streams what is over by now.
static void land(struct queue *queue) {
    uint64_t now_ns = clock_now_ns();
    seat_look(&queue->seat, now_ns);
    for (struct stream *stream = queue->busy, *next; stream; stream = next) {
        next = stream->next_busy;
        for (struct operation *operation = stream->flying; operation; operation = operation->next) enter_usage(queue, operation);
        for (struct operation *operation; (operation = stream->flying);) {
            uint64_t end_ns = operation->number ? seat_end_of(&queue->seat, operation->number) : operation->ready_ns;
            if (!end_ns) break;
            stream->flying = operation->next;
            queue->flying--;
            int last = !stream->flying && !stream->head;
            finish(queue, stream, operation, end_ns);
            if (last) break; // a destroyed stream is gone
        }
    }
    queue->look_ns = seat_next_look(&queue->seat, now_ns);
    if (queue->look_ns > now_ns + SEEN_EVERY_NS) queue->look_ns = now_ns + SEEN_EVERY_NS; // for who reads the usage
    for (struct stream *stream = queue->busy; stream; stream = stream->next_busy) {
        stream->flying_ns = left_of(queue, stream);
        uint64_t room_ns = now_ns + stream->flying_ns - AHEAD_NS + 1;
        if (stream->head && stream->flying_ns >= AHEAD_NS && room_ns < queue->look_ns) queue->look_ns = room_ns;
    }
}

static void rest(struct queue *queue, uint64_t again_ns) {
    uint64_t seen_ns = clock_now_ns() + SEEN_EVERY_NS;
    struct timespec again = clock_timespec(again_ns < seen_ns ? again_ns : seen_ns);
    card_be_seen(queue->card);
    pthread_cond_timedwait(&queue->work, &queue->lock, &again);
}

static void step(struct queue *queue) {
    uint64_t again_ns;
    if (queue->flying && queue->look_ns && queue->look_ns <= clock_now_ns()) land(queue);
    struct stream *stream = pick(queue, &again_ns);
    if (!stream) {
        if (queue->flying && again_ns <= clock_now_ns()) land(queue);
        else rest(queue, again_ns);
        return;
    }
    struct operation *operation = stream->head;
    operation->ready_ns = ready_at(queue, stream);
    pthread_mutex_unlock(&queue->lock);
    uint64_t end_ns = execute(queue, stream, operation);
    pthread_mutex_lock(&queue->lock);
    stream->head = operation->next;
    if (!stream->head) stream->tail = NULL;
    if (operation->wait) stream->end_ns = later(stream->end_ns, operation->ready_ns);
    if (stream->flying || operation->engine == ENGINE_COMPUTE || is_timed_record(operation)) fly(queue, stream, operation);
    else finish(queue, stream, operation, end_ns);
}

void *worker_main(void *argument) {
    struct queue *queue = argument;
    pthread_mutex_lock(&queue->lock);
    while (queue->stop < 2 && !(queue->stop && !queue->busy)) step(queue);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}
