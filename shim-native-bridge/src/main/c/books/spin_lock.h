// spin_lock.h: a lock for the few tens of nanoseconds that a booking takes. A quarter of a pthread mutex' cost when nobody
// else wants it, which is nearly always.
#ifndef SLUICE_SPIN_LOCK_H
#define SLUICE_SPIN_LOCK_H

#include <stdint.h>

struct sluice_spin_lock {
    uint32_t held; // all zero: free
};

// For who finds it held.
void sluice_spin_lock_wait(struct sluice_spin_lock *lock);

static inline int sluice_spin_try(struct sluice_spin_lock *lock) {
    return __atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void sluice_spin_lock(struct sluice_spin_lock *lock) {
    if (!sluice_spin_try(lock)) {
        sluice_spin_lock_wait(lock);
    }
}

static inline void sluice_spin_unlock(struct sluice_spin_lock *lock) {
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#endif
