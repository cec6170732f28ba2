// denial_storm.c: many threads post denials at once, while a listener answers, answers late, or is about to stop. Each post
// must end, and be with exactly one: the listener, or the thread that posted it. Prints how many went which way.
#include "denial_post.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 12, PATIENCE_MS = 100, LATE_MS = 24 };

static long posts_each;
static long handed_over[THREADS]; // as the poster saw it
static long received[THREADS];    // as the listener saw it
static long wrong_thread;
static long late;

static void *post(void *argument) {
    long self = (long)(intptr_t)argument;
    for (long i = 0; i < posts_each; i++) {
        char text[64];
        snprintf(text, sizeof text, "%ld %ld", self, (long)syscall(SYS_gettid));
        if (sluice_denial_post(text) == 0) {
            handed_over[self]++;
        }
    }
    return NULL;
}

static void *listen_for(void *argument) {
    unsigned random = *(unsigned *)argument;
    for (;;) {
        struct sluice_denial_note note;
        enum sluice_news news = sluice_denial_next(&note, PATIENCE_MS);
        if (news == SLUICE_NEWS_END) {
            return NULL;
        }
        if (news != SLUICE_NEWS_DENIAL) {
            continue;
        }
        long poster, thread;
        if (sscanf(note.text, "%ld %ld", &poster, &thread) != 2 || poster < 0 || poster >= THREADS || thread != note.thread) {
            wrong_thread++;
            continue;
        }
        received[poster]++;
        if (rand_r(&random) % 200 == 0) {
            nanosleep(&(struct timespec){.tv_nsec = LATE_MS * 1000000}, NULL);
        }
        late += !sluice_denial_answer(note.ticket);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    posts_each = strtol(argv[1], NULL, 10);
    unsigned seed = (unsigned)strtoul(argv[2], NULL, 10);
    pthread_t posters[THREADS], listener;
    if (sluice_denial_post("nobody listens") == 0) {
        printf("a post was taken by nobody\n");
        return 1;
    }
    sluice_denial_listen(SLUICE_LISTENER_READY);
    pthread_create(&listener, NULL, listen_for, &seed);
    for (long i = 0; i < THREADS; i++) {
        pthread_create(&posters[i], NULL, post, (void *)(intptr_t)i);
    }
    for (int i = 0; i < THREADS / 2; i++) {
        pthread_join(posters[i], NULL);
    }
    sluice_denial_listen(SLUICE_NOBODY_LISTENS); // in the middle of it
    pthread_join(listener, NULL);
    for (int i = THREADS / 2; i < THREADS; i++) {
        pthread_join(posters[i], NULL);
    }
    long taken = 0, wrong = wrong_thread;
    for (int i = 0; i < THREADS; i++) {
        taken += received[i];
        wrong += received[i] != handed_over[i];
    }
    printf("%ld of %ld posts went to the listener, %ld of them late; %ld wrong\n", taken, posts_each * THREADS, late, wrong);
    return wrong != 0;
}
