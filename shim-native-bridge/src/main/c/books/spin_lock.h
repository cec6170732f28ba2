// spin_lock.h: a lock for the few tens of nanoseconds that a booking takes. A quarter of a pthread mutex' cost when nobody
// else wants it, which is nearly always; who must wait spins, then yields, then sleeps, so that a holder that the scheduler
// took off its core can go on.
#ifndef SLUICE_SPIN_LOCK_H
#define SLUICE_SPIN_LOCK_H

#include <sched.h>
#include <stdint.h>
#include <time.h>

struct sluice_spin_lock {
    uint32_t held; // all zero: free
};

static inline void sluice_spin_lock(struct sluice_spin_lock *lock) {
    enum { SPINS = 200, YIELDS = 50, SLEEP_NS = 50000 };
    for (unsigned tries = 0;; tries++) {
        uint32_t free_lock = 0;
        if (__atomic_load_n(&lock->held, __ATOMIC_RELAXED) == 0
            && __atomic_compare_exchange_n(&lock->held, &free_lock, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
        if (tries < SPINS) {
            __builtin_ia32_pause();
        } else if (tries < SPINS + YIELDS) {
            sched_yield();
        } else {
            nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
        }
    }
}

static inline void sluice_spin_unlock(struct sluice_spin_lock *lock) {
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#endif
