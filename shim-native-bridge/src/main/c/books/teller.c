#include "teller.h"

#include <sched.h>
#include <string.h>

__thread struct sluice_desk sluice_desk __attribute__((tls_model("initial-exec"), visibility("hidden")));

// One per lane that a thread may have to itself. Whoever adds these up first waits until nobody is `busy`.
static struct teller {
    _Alignas(64) uint32_t busy;
    uint64_t held_bytes[SLUICE_ROW_COUNT];
} tellers[SLUICE_LANE_COUNT - 1];

int sluice_teller_sit(const struct sluice_seat *seat, const struct sluice_limits_row *limits) {
    unsigned lane = sluice_lane_number - 1;
    if (lane >= SLUICE_LANE_COUNT - 1 || !limits) {
        return 0;
    }
    sluice_desk = (struct sluice_desk){
        .row_after = seat->row_number + 1,
        .row = seat->row,
        .open_tag = seat->open_tag,
        .state_now = seat->state_now,
        .state = seat->state,
        .streak = &seat->account->streak,
        .busy = &tellers[lane].busy,
        .held_bytes = &tellers[lane].held_bytes[seat->row_number],
        .allocations = &seat->account->lanes[lane].lane_allocations,
        .limits = limits,
    };
    return 1;
}

void sluice_teller_leave(void) {
    sluice_desk.row_after = 0;
}

uint64_t sluice_teller_held_bytes(unsigned row) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < SLUICE_LANE_COUNT - 1; i++) {
        while (__atomic_load_n(&tellers[i].busy, __ATOMIC_ACQUIRE)) {
            sched_yield();
        }
        bytes += tellers[i].held_bytes[row];
    }
    return bytes;
}

void sluice_teller_reset_after_fork(void) {
    sluice_teller_leave();
    memset(tellers, 0, sizeof tellers);
}
