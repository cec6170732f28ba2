// denial_post.h: a denial waits, in native code and for a few ms at most, until somebody who listens in this process has taken
// the Java stack of the thread that was denied. Nobody listens in a program without the agent: then this costs one load.
#ifndef SLUICE_DENIAL_POST_H
#define SLUICE_DENIAL_POST_H

#include <stdint.h>

// What the listener is told; Java reads it by these offsets.
struct sluice_denial_note {
    int32_t ticket; // for the answer
    int32_t thread; // the OS thread that was denied, and waits
    char text[504]; // the line, without "sluice: "
};

enum sluice_listening {
    SLUICE_NOBODY_LISTENS,
    SLUICE_LISTENER_PREPARES, // it is about to be able to take stacks, which takes it some 100 ms: worth a longer wait, once
    SLUICE_LISTENER_READY,
};

enum sluice_news {
    SLUICE_NEWS_NONE,
    SLUICE_NEWS_DENIAL,
    SLUICE_NEWS_CUDA_BEGINS, // once: the process has made its first CUDA call, so denials may follow
    SLUICE_NEWS_END,         // nobody listens any more
};

// In the thread that is denied. Returns 0 if the listener has the line, -1 if the caller has to say it.
int sluice_denial_post(const char *text);

// At the first CUDA call of the process.
void sluice_denial_expect(void);

// The listener's side: one thread. `next` waits until there is news, at most `timeout_ms`. `answer` lets the denied thread go
// and returns 1 if it has waited until now, so that a stack that was taken before is the denial's; 0 if it had gone on.
void sluice_denial_listen(enum sluice_listening listening);
enum sluice_news sluice_denial_next(struct sluice_denial_note *note, int timeout_ms);
int sluice_denial_answer(int ticket);

#endif
