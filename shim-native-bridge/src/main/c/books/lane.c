#include "lane.h"

#include "teller.h"

#include <pthread.h>

__thread struct sluice_bound_lane sluice_lane __attribute__((tls_model("initial-exec"), visibility("hidden")));

__thread unsigned sluice_lane_number __attribute__((tls_model("initial-exec"), visibility("hidden")));
static uint32_t lanes_taken; // bit per own lane
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static unsigned take_number(void);
static void create_key(void);
static void give_back(void *number);

struct sluice_lane *sluice_lane_bind(struct sluice_account *account, const uint32_t *share_ppm, int *shared) {
    unsigned number = sluice_lane_take_number();
    struct sluice_lane *lane = &account->lanes[number - 1];
    *shared = number == SLUICE_LANE_COUNT;
    sluice_lane = (struct sluice_bound_lane){.lane = *shared ? NULL : lane, .share_ppm = share_ppm};
    return lane;
}

unsigned sluice_lane_take_number(void) {
    if (!sluice_lane_number) {
        sluice_lane_number = take_number();
    }
    return sluice_lane_number;
}

void sluice_lane_reset_after_fork(void) {
    sluice_lane.lane = NULL;
    sluice_lane_number = 0;
    lanes_taken = 0;
}

static unsigned take_number(void) {
    pthread_once(&key_once, create_key);
    uint32_t taken = __atomic_load_n(&lanes_taken, __ATOMIC_ACQUIRE);
    for (;;) {
        unsigned free_lane = (unsigned)__builtin_ctz(~taken);
        if (free_lane >= SLUICE_LANE_COUNT - 1) {
            return SLUICE_LANE_COUNT;
        }
        if (__atomic_compare_exchange_n(&lanes_taken, &taken, taken | 1u << free_lane, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            pthread_setspecific(key, (void *)(uintptr_t)(free_lane + 1));
            return free_lane + 1;
        }
    }
}

static void create_key(void) {
    pthread_key_create(&key, give_back);
}

// At thread end: the next thread goes on counting where this one stopped.
static void give_back(void *number) {
    sluice_lane.lane = NULL;
    sluice_lane_number = 0;
    sluice_teller_leave();
    __atomic_and_fetch(&lanes_taken, ~(1u << ((uintptr_t)number - 1)), __ATOMIC_RELEASE);
}
