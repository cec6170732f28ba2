// moment.c: see moment.h.
#include "engine/moment.h"

#include <stdlib.h>

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
