#define _GNU_SOURCE
#include "time_bucket.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SHARE_OF_ALL_PPM = 1000000 };

static const uint64_t CEILING_NS = 2000000000;        // that a launch waits beyond what the books first said
static const uint64_t LONGEST_SLEEP_NS = 5000000;     // so that a changed share holds after this
static const uint64_t LONGEST_CARRY_NS = 2000000000;
static const uint64_t LARGEST_DEBT_NS = 60000000000;  // ahead of the clock; what lies beyond is forgiven
static const uint64_t LONGEST_WORK_NS = 86400000000000; // a day: longer work counts as this

enum { SOMEBODY_SLEEPS = 1, WAKE = 2 }; // bits of launch_waiters: the rest counts wakes

uint64_t sluice_bucket_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// In how much wall time a share grants so much device time, rounded up.
static int64_t wall_of(uint64_t device_ns, uint32_t share_ppm) {
    uint64_t taken = device_ns < LONGEST_WORK_NS ? device_ns : LONGEST_WORK_NS;
    return (int64_t)(((unsigned __int128)taken * SHARE_OF_ALL_PPM + share_ppm - 1) / share_ppm);
}

// The device time that a share grants in so much wall time, rounded down.
static uint64_t device_of(int64_t wall_ns, uint32_t share_ppm) {
    return (uint64_t)((unsigned __int128)(uint64_t)wall_ns * share_ppm / SHARE_OF_ALL_PPM);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

// The word is an int64_t in memory that is zero at first.
static int64_t arrival(const struct sluice_row *row) {
    return (int64_t)__atomic_load_n(&row->bucket_ns, __ATOMIC_RELAXED);
}

static int move(struct sluice_row *row, int64_t *from_ns, int64_t to_ns, int64_t now_ns) {
    uint64_t expected = (uint64_t)*from_ns, next = (uint64_t)least(to_ns, now_ns + (int64_t)LARGEST_DEBT_NS);
    int moved = __atomic_compare_exchange_n(&row->bucket_ns, &expected, next, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    *from_ns = (int64_t)expected;
    return moved;
}

// What is owed, or saved, with one share stays the same device time with another. One of all who notice the change does it.
static void follow_share(struct sluice_row *row, uint32_t share_ppm, int64_t now_ns) {
    uint32_t before_ppm = __atomic_load_n(&row->bucket_ppm, __ATOMIC_RELAXED);
    if (before_ppm == share_ppm || !__atomic_compare_exchange_n(&row->bucket_ppm, &before_ppm, share_ppm, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED) || !before_ppm) {
        return;
    }
    int64_t arrival_ns = arrival(row), least_ns = -wall_of(SLUICE_BURST_NS, before_ppm) - (int64_t)LONGEST_CARRY_NS, next_ns;
    do {
        int64_t owed_ns = most(arrival_ns - now_ns, least_ns);
        next_ns = owed_ns < 0 ? now_ns - wall_of(device_of(-owed_ns, before_ppm), share_ppm) : now_ns + wall_of(device_of(owed_ns, before_ppm), share_ppm);
    } while (!move(row, &arrival_ns, next_ns, now_ns));
}

// Until the word may have come nearer, or so long.
static void sleep_at(struct sluice_row *row, uint64_t most_ns) {
    uint32_t seen = __atomic_or_fetch(&row->launch_waiters, SOMEBODY_SLEEPS, __ATOMIC_ACQ_REL);
    struct timespec longest = {.tv_sec = 0, .tv_nsec = (long)(most_ns < LONGEST_SLEEP_NS ? most_ns : LONGEST_SLEEP_NS)};
    syscall(SYS_futex, &row->launch_waiters, FUTEX_WAIT, seen, &longest, NULL, 0);
}

static void wake(struct sluice_row *row) {
    uint32_t seen = __atomic_load_n(&row->launch_waiters, __ATOMIC_ACQUIRE);
    if (seen & SOMEBODY_SLEEPS) {
        uint32_t next = (seen & ~(uint32_t)SOMEBODY_SLEEPS) + WAKE;
        __atomic_compare_exchange_n(&row->launch_waiters, &seen, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
        syscall(SYS_futex, &row->launch_waiters, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
    }
}

// 0 where it was taken, with the arrival time not after `open_ns`.
static int64_t try_until(struct sluice_row *row, uint32_t share_ppm, uint64_t device_ns, int64_t since_ns, int64_t open_ns, int64_t now_ns) {
    int64_t floor_ns = most(since_ns, now_ns - (int64_t)LONGEST_CARRY_NS) - wall_of(SLUICE_BURST_NS, share_ppm), arrival_ns;
    follow_share(row, share_ppm, now_ns);
    arrival_ns = arrival(row);
    do {
        if (arrival_ns > open_ns) {
            return arrival_ns - open_ns;
        }
    } while (!move(row, &arrival_ns, most(arrival_ns, floor_ns) + wall_of(device_ns, share_ppm), now_ns));
    return 0;
}

uint64_t sluice_bucket_try(const struct sluice_bucket *bucket, uint64_t device_ns, uint64_t since_ns, uint64_t ahead_ns, uint64_t now_ns) {
    uint32_t share_ppm = sluice_bucket_ppm(bucket);
    int64_t now = (int64_t)now_ns;
    return share_ppm ? (uint64_t)try_until(bucket->row, share_ppm, device_ns, (int64_t)since_ns, now + wall_of(ahead_ns, share_ppm), now) : 0;
}

uint64_t sluice_bucket_saved_since(const struct sluice_bucket *bucket, uint64_t since_ns, uint64_t now_ns) {
    uint32_t share_ppm = sluice_bucket_ppm(bucket);
    int64_t used_ns = share_ppm ? arrival(bucket->row) + wall_of(SLUICE_BURST_NS, share_ppm) : (int64_t)now_ns;
    return (uint64_t)least(most((int64_t)since_ns, used_ns), (int64_t)now_ns);
}

uint64_t sluice_bucket_take(const struct sluice_bucket *bucket, uint64_t device_ns, uint64_t since_ns, uint64_t ahead_ns) {
    uint64_t begun_ns = sluice_bucket_clock_ns(), now_ns = begun_ns, deadline_ns = 0, left_ns;
    while ((left_ns = sluice_bucket_try(bucket, device_ns, since_ns, ahead_ns, now_ns)) > 0) {
        deadline_ns = deadline_ns ? deadline_ns : now_ns + left_ns + CEILING_NS;
        if (now_ns >= deadline_ns) {
            uint32_t share_ppm = sluice_bucket_ppm(bucket);
            if (share_ppm) {
                try_until(bucket->row, share_ppm, device_ns, (int64_t)now_ns, INT64_MAX, (int64_t)now_ns);
            }
            break;
        }
        sleep_at(bucket->row, left_ns);
        now_ns = sluice_bucket_clock_ns();
    }
    return now_ns - begun_ns;
}

void sluice_bucket_settle(const struct sluice_bucket *bucket, uint64_t taken_ns, uint64_t actual_ns, uint64_t now_ns) {
    uint32_t share_ppm = sluice_bucket_ppm(bucket);
    if (share_ppm == 0) {
        return;
    }
    follow_share(bucket->row, share_ppm, (int64_t)now_ns);
    // Not the difference's wall time: this way roundings cancel.
    int64_t more_ns = wall_of(actual_ns, share_ppm) - wall_of(taken_ns, share_ppm), arrival_ns = arrival(bucket->row);
    while (!move(bucket->row, &arrival_ns, arrival_ns + more_ns, (int64_t)now_ns)) {
    }
    if (more_ns < 0) {
        wake(bucket->row);
    }
}
