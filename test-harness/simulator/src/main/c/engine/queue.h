// queue.h: the streams of one context and the thread that executes them.
//
// Each stream is a queue of operations. The context's worker takes, of all operations that may run now, the one submitted first;
// the legacy default stream waits for, and is waited for by, every blocking stream. The worker only computes results: when an
// operation is over is decided by device time (cards/deal.h for the compute engine, card_book for the copy engines), and
// whoever waits sleeps until that time himself. The worker keeps at most AHEAD_NS ahead of the clock.
//
//   stream:   flying (computed, its end is not dealt yet) ─▶ … ─▶ head (to be computed) ─▶ … ─▶ tail
//
// Kernels and event records fly behind each other; anything else of a stream waits until nothing of it flies.
//
// The queue's lock guards all streams of the context. Lock order: queue, then nothing.
#ifndef SLUICE_SIM_QUEUE_H
#define SLUICE_SIM_QUEUE_H

#include <pthread.h>

#include "base/pool.h"
#include "cards/card_state.h"
#include "cards/deal.h"
#include "engine/moment.h"

struct operation;
typedef int (*operation_run)(struct operation *operation);

// One piece of work. `run` computes and returns 0, or the CUresult that breaks the context; it sets length_ns.
struct operation {
    struct operation *next;
    uint64_t sequence, submit_ns, ready_ns;
    operation_run run;                        // may be NULL
    void (*skip)(struct operation *operation); // called in place of `run` in a broken context; may be NULL
    enum card_engine engine;
    int on_time;                              // run no earlier than device time has come this far
    uint64_t length_ns;
    struct moment *wait, *signal;             // held by the operation
    char name[8 * BOOKS_NAME_WORDS];          // of a kernel, for the books; its length is noisy
    uint32_t sms;                             // that it holds; 0: all
    int first_launch;                         // of its function
    uint64_t dealt_ns;                        // of its length, as far as that stands in the usage
    uint64_t number;                          // as which it was handed in to the engine, 0: it was not
    _Alignas(16) char payload[];
};

struct stream {
    struct pooled pooled;
    struct queue *queue;
    int blocking, priority; // blocking: ordered with the legacy default stream
    unsigned flags;
    uint64_t id;
    struct operation *head, *tail;
    struct operation *flying, *last_flying;
    uint64_t flying_ns; // what is left of all that flies
    uint64_t kernels;   // ever
    struct stream *next_busy, *previous_busy; // streams with operations, flying ones too
    struct stream *next, *previous;           // all streams of the queue
    uint64_t end_ns;                          // device time at which what was executed is over
    int destroyed;                            // given back once it is empty
    const void *thread;                       // whose per-thread default stream it is
    char access_window[32];                   // attributes as the application set them
    int synchronization;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t work, progress;
    pthread_t worker;
    int stop; // 1: end once nothing is queued, 2: end now
    struct card *card;
    struct seat seat;  // at the engine's table; used under the lock, by the worker alone
    uint32_t flying;   // operations of all streams that fly
    uint64_t look_ns;  // when to look for their ends again
    struct stream legacy;
    struct stream *streams, *busy;
    uint64_t sequence, end_ns, blocking_end_ns;
    uint32_t queued;
    _Atomic int cancel; // the process ends: give up the kernel that is running
    _Atomic int broken; // the CUresult of the fault that broke this context, 0 while it is whole
};

int queue_open(struct queue *queue, struct card *card); // 0, or -1 when no thread or place can be had
void queue_close(struct queue *queue);                  // what is queued runs first

struct stream *stream_open(struct queue *queue, unsigned flags, int priority, const void *thread);
void stream_close(struct stream *stream);
int stream_is(const void *handle);
// The oldest operation that is not over, or NULL. Under the queue's lock.
const struct operation *stream_oldest(const struct stream *stream);
struct stream *stream_of_thread(struct queue *queue, const void *thread);

struct operation *operation_new(operation_run run, enum card_engine engine, size_t payload_bytes);
void operation_free(struct operation *operation);
// Hands the operation over. Waits while as many are outstanding as the card's queue_depth allows.
void queue_submit(struct stream *stream, struct operation *operation);
// Whether the calling thread is executing a host function of a stream.
int queue_inside(void);
// For a host function that another thread than the worker calls.
void queue_enter_host_function(int inside);

// Each waits until what was submitted before the call is over, and returns queue->broken.
int queue_wait(struct queue *queue);
int stream_wait(struct stream *stream);
int moment_wait(struct moment *moment);
int moment_is_over(struct moment *moment);
int stream_is_over(struct stream *stream);

// At process exit: bounded, for a host function may never return.
void queue_stop_at_exit(struct queue *queue);

#endif
