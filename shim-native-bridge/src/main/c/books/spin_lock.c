#define _GNU_SOURCE
#include "spin_lock.h"

#include <sched.h>
#include <time.h>

// Looks again at ever longer intervals, since each look takes the cache line from the holder; then yields, then sleeps, so that a
// holder that the scheduler took off its core can go on.
void sluice_spin_lock_wait(struct sluice_spin_lock *lock) {
    enum { FIRST_PAUSES = 4, MOST_PAUSES = 64, SPINS = 100, YIELDS = 50, SLEEP_NS = 50000 };
    unsigned pauses = FIRST_PAUSES;
    for (unsigned tries = 0;; tries++) {
        if (__atomic_load_n(&lock->held, __ATOMIC_RELAXED) == 0 && sluice_spin_try(lock)) {
            return;
        }
        if (tries < SPINS) {
            for (unsigned i = 0; i < pauses; i++) {
                __builtin_ia32_pause();
            }
            pauses = pauses < MOST_PAUSES ? pauses * 2 : MOST_PAUSES;
        } else if (tries < SPINS + YIELDS) {
            sched_yield();
        } else {
            nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
        }
    }
}
