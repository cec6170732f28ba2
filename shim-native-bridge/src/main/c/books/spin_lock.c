#define _GNU_SOURCE
#include "spin_lock.h"

#include "back_off.h"

#include <sched.h>
#include <time.h>

// Then yields, then sleeps, so that a holder that the scheduler took off its core can go on.
void sluice_spin_lock_wait(struct sluice_spin_lock *lock) {
    enum { SPINS = 20, YIELDS = 50, SLEEP_NS = 50000 };
    unsigned pauses = SLUICE_FIRST_PAUSES;
    for (unsigned tries = 0;; tries++) {
        if (tries < SPINS) {
            pauses = sluice_back_off(pauses);
        } else if (tries < SPINS + YIELDS) {
            sched_yield();
        } else {
            nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
        }
        if (__atomic_load_n(&lock->held, __ATOMIC_RELAXED) == 0 && sluice_spin_try(lock)) {
            return;
        }
    }
}
