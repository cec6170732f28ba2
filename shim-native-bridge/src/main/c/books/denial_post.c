#define _GNU_SOURCE
#include "denial_post.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// A post goes round: the denied thread takes a FREE one, fills it and makes it POSTED; the listener makes it TAKEN, then
// ANSWERED; the denied thread makes it FREE. If that has waited long enough it withdraws a POSTED one itself, and leaves a
// TAKEN one ABANDONED, for the listener to make FREE. Who may write a post's note is who made it what it is.
enum state { FREE, FILLING, POSTED, TAKEN, ANSWERED, ABANDONED };

enum {
    POSTS = 8,
    WAIT_MS = 20,            // a stack takes 0.1 ms, 12 ms at worst under heavy garbage collection
    WAIT_FOR_FIRST_MS = 500, // while the listener prepares
};

static struct post {
    uint32_t state; // also what the denied thread sleeps on
    struct sluice_denial_note note;
} posts[POSTS];

static uint32_t listening; // enum sluice_listening
static uint32_t news;      // counts what the listener should look at; it sleeps on it
static uint32_t cuda_begins; // 1: to be told, 2: told

static struct post *take_free_post(void);
static int wait_for_answer(struct post *post);
static int withdraw(struct post *post);
static int become(struct post *post, enum state from, enum state to);
static void tell_listener(void);
static void sleep_on(uint32_t *word, uint32_t value, uint64_t deadline_ns);
static void wake(uint32_t *word);
static uint64_t now_ns(void);
static void forget_after_fork(void);

int sluice_denial_post(const char *text) {
    if (__atomic_load_n(&listening, __ATOMIC_ACQUIRE) == SLUICE_NOBODY_LISTENS) {
        return -1;
    }
    struct post *post = take_free_post();
    if (!post) {
        return -1; // more threads are denied at once than there are posts
    }
    post->note.ticket = (int32_t)(post - posts);
    post->note.thread = (int32_t)syscall(SYS_gettid);
    snprintf(post->note.text, sizeof post->note.text, "%s", text);
    __atomic_store_n(&post->state, POSTED, __ATOMIC_RELEASE);
    tell_listener();
    return wait_for_answer(post);
}

void sluice_denial_expect(void) {
    uint32_t untold = 0;
    if (__atomic_compare_exchange_n(&cuda_begins, &untold, 1, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
        tell_listener();
    }
}

void sluice_denial_listen(enum sluice_listening now) {
    static int fork_handler;
    if (!fork_handler) {
        fork_handler = 1;
        pthread_atfork(NULL, NULL, forget_after_fork);
    }
    __atomic_store_n(&listening, now, __ATOMIC_RELEASE);
    if (now == SLUICE_NOBODY_LISTENS) {
        for (int i = 0; i < POSTS; i++) {
            wake(&posts[i].state);
        }
        tell_listener();
    }
}

enum sluice_news sluice_denial_next(struct sluice_denial_note *note, int timeout_ms) {
    uint64_t deadline = now_ns() + (uint64_t)timeout_ms * 1000000u;
    for (;;) {
        uint32_t seen = __atomic_load_n(&news, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&listening, __ATOMIC_ACQUIRE) == SLUICE_NOBODY_LISTENS) {
            return SLUICE_NEWS_END;
        }
        uint32_t untold = 1;
        if (__atomic_compare_exchange_n(&cuda_begins, &untold, 2, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return SLUICE_NEWS_CUDA_BEGINS;
        }
        for (int i = 0; i < POSTS; i++) {
            if (become(&posts[i], POSTED, TAKEN)) {
                *note = posts[i].note;
                return SLUICE_NEWS_DENIAL;
            }
        }
        if (now_ns() >= deadline) {
            return SLUICE_NEWS_NONE;
        }
        sleep_on(&news, seen, deadline);
    }
}

int sluice_denial_answer(int ticket) {
    if (ticket < 0 || ticket >= POSTS) {
        return 0;
    }
    if (become(&posts[ticket], TAKEN, ANSWERED)) {
        wake(&posts[ticket].state);
        return 1;
    }
    become(&posts[ticket], ABANDONED, FREE);
    return 0;
}

static struct post *take_free_post(void) {
    for (int i = 0; i < POSTS; i++) {
        if (become(&posts[i], FREE, FILLING)) {
            return &posts[i];
        }
    }
    return NULL;
}

static int wait_for_answer(struct post *post) {
    uint64_t start = now_ns();
    for (;;) {
        uint32_t state = __atomic_load_n(&post->state, __ATOMIC_ACQUIRE);
        if (state == ANSWERED) {
            __atomic_store_n(&post->state, FREE, __ATOMIC_RELEASE);
            return 0;
        }
        uint32_t who = __atomic_load_n(&listening, __ATOMIC_ACQUIRE);
        uint64_t deadline = start + (who == SLUICE_LISTENER_PREPARES ? WAIT_FOR_FIRST_MS : WAIT_MS) * 1000000ull;
        if (who == SLUICE_NOBODY_LISTENS || now_ns() >= deadline) {
            return withdraw(post);
        }
        sleep_on(&post->state, state, deadline);
    }
}

static int withdraw(struct post *post) {
    if (become(post, POSTED, FREE)) {
        return -1;
    }
    if (!become(post, TAKEN, ABANDONED)) {
        __atomic_store_n(&post->state, FREE, __ATOMIC_RELEASE); // answered at the last moment
    }
    return 0;
}

static int become(struct post *post, enum state from, enum state to) {
    uint32_t expected = from;
    return __atomic_compare_exchange_n(&post->state, &expected, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void tell_listener(void) {
    __atomic_add_fetch(&news, 1, __ATOMIC_RELEASE);
    wake(&news);
}

static void sleep_on(uint32_t *word, uint32_t value, uint64_t deadline_ns) {
    uint64_t now = now_ns();
    uint64_t rest = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(rest / 1000000000u), .tv_nsec = (long)(rest % 1000000000u)};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &timeout, NULL, 0);
}

static void wake(uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// The child has no listener, and no thread that waits.
static void forget_after_fork(void) {
    listening = SLUICE_NOBODY_LISTENS;
    cuda_begins = 0;
    memset(posts, 0, sizeof posts);
}
