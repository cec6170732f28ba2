// helper.c: see helper.h.
#define _GNU_SOURCE
#include "engine/helper.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

enum { IDLE_NS = 500000000 };

struct helper {
    const void *owner;
    struct helper_task *first, *last;
    pthread_cond_t wake;
    struct helper *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the list and every helper in it
static struct helper *helpers;

static void leave(struct helper *helper) {
    struct helper **link = &helpers;
    while (*link != helper) link = &(*link)->next;
    *link = helper->next;
}

// The next task, or NULL when none came in time: then the helper is out of the list.
static struct helper_task *next_task(struct helper *helper) {
    pthread_mutex_lock(&lock);
    struct timespec until = clock_timespec(clock_now_ns() + IDLE_NS);
    while (!helper->first && pthread_cond_timedwait(&helper->wake, &lock, &until) == 0) {}
    struct helper_task *task = helper->first;
    if (task) helper->first = task->next;
    else leave(helper);
    pthread_mutex_unlock(&lock);
    return task;
}

static void *helper_main(void *argument) {
    struct helper *helper = argument;
    struct helper_task *task;
    while ((task = next_task(helper))) task->run(task);
    pthread_cond_destroy(&helper->wake);
    free(helper);
    return NULL;
}

static struct helper *start(const void *owner) {
    struct helper *helper = calloc(1, sizeof *helper);
    if (!helper) return NULL;
    helper->owner = owner;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&helper->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    // The application's signals are for its own threads, as in queue.c; the worker that calls has them blocked already.
    pthread_t thread;
    if (pthread_create(&thread, NULL, helper_main, helper) != 0) {
        pthread_cond_destroy(&helper->wake);
        free(helper);
        return NULL;
    }
    pthread_detach(thread);
    helper->next = helpers;
    helpers = helper;
    return helper;
}

void helper_run(struct helper_task *task, const void *owner) {
    task->next = NULL;
    pthread_mutex_lock(&lock);
    struct helper *helper = helpers;
    while (helper && helper->owner != owner) helper = helper->next;
    if (!helper) helper = start(owner);
    if (helper) {
        if (helper->first) helper->last->next = task;
        else helper->first = task;
        helper->last = task;
        pthread_cond_signal(&helper->wake);
    }
    pthread_mutex_unlock(&lock);
    if (!helper) task->run(task);
}
