// moment.c: see moment.h.
#include "engine/moment.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/queue.h"

struct moment *moment_new(struct queue *queue) {
    struct moment *moment = calloc(1, sizeof *moment);
    if (!moment) return NULL;
    atomic_store(&moment->holders, 1);
    moment->queue = queue;
    return moment;
}

struct moment *moment_hold(struct moment *moment) {
    atomic_fetch_add(&moment->holders, 1);
    return moment;
}

void moment_drop(struct moment *moment) {
    if (moment && atomic_fetch_sub(&moment->holders, 1) == 1) free(moment);
}

void moment_reach(struct moment *moment) {
    struct queue *queue = moment->queue;
    pthread_mutex_lock(&queue->lock);
    moment->at_ns = clock_now_ns();
    atomic_store(&moment->executed, 1);
    pthread_cond_broadcast(&queue->work);
    pthread_cond_broadcast(&queue->progress);
    pthread_mutex_unlock(&queue->lock);
}
