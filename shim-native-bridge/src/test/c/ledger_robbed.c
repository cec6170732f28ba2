// ledger_robbed.c: ledger_robbed ROUNDS SEED. In each round a process whose threads charge and release has its slot taken back, again
// and again, as if it were dead; when its threads have stopped, what they hold must be what the books say. The threads are some more
// than have lanes of their own. The ledger is the environment's, with one row.
#define _GNU_SOURCE
#include "membership.h"
#include "tenant.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = SLUICE_LANE_COUNT + 2, PIECES = 8, ROBBERIES = 5 };

// Shared by the two processes of a round.
static struct round {
    int joined, stop;
    uint64_t held_bytes[THREADS];
} *shared;

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void *charge_and_release(void *number) {
    uint64_t *held_bytes = &shared->held_bytes[(uintptr_t)number], piece_bytes[PIECES] = {0}, random = (uint64_t)(uintptr_t)number + 1;
    struct sluice_standing standing;
    while (!__atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE)) {
        uint64_t *piece = &piece_bytes[next_random(&random) % PIECES], bytes = 512 * (1 + next_random(&random) % 200);
        if (*piece) {
            sluice_tenant_release(0, *piece, SLUICE_KIND_LINEAR);
            *held_bytes -= *piece;
            *piece = 0;
        } else if (sluice_tenant_charge(0, bytes, SLUICE_KIND_LINEAR, &standing) <= SLUICE_CHARGE_GRANTED_LATE) {
            *piece = bytes;
            *held_bytes += bytes;
        }
    }
    return NULL;
}

static pid_t start_victim(void) {
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t threads[THREADS];
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sluice_tenant_governance();
        for (uintptr_t i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, charge_and_release, (void *)i);
        }
        __atomic_store_n(&shared->joined, 1, __ATOMIC_RELEASE);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        __atomic_store_n(&shared->joined, 0, __ATOMIC_RELEASE);
        pause(); // its slot is looked at first
    }
    return pid;
}

// Takes back every slot that is in use. Returns how many.
static unsigned rob(void) {
    struct sluice_ledger *ledger = sluice_tenant_ledger();
    unsigned robbed = 0;
    for (unsigned slot = 1; slot < SLUICE_SLOT_COUNT; slot++) { // 0 is our own
        struct sluice_member victim = {slot, __atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE)};
        if ((victim.state & 0xff) == SLUICE_SLOT_ACTIVE) {
            sluice_membership_leave(ledger, &victim);
            robbed++;
        }
    }
    return robbed;
}

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 20;
    uint64_t random = count > 2 ? strtoull(arguments[2], NULL, 10) | 1 : 1, robberies = 0, most = 0;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || sluice_tenant_governance() != SLUICE_GOVERNED) {
        return 1;
    }
    for (int round = 0; round < rounds; round++) {
        *shared = (struct round){0};
        pid_t victim = start_victim();
        while (!__atomic_load_n(&shared->joined, __ATOMIC_ACQUIRE)) {
            usleep(100);
        }
        for (int i = 0; i < ROBBERIES; i++) {
            usleep((useconds_t)(next_random(&random) % 2000));
            robberies += rob();
        }
        usleep(1000);
        __atomic_store_n(&shared->stop, 1, __ATOMIC_RELEASE);
        while (__atomic_load_n(&shared->joined, __ATOMIC_ACQUIRE)) {
            usleep(100);
        }
        uint64_t held = 0, used, sum;
        for (int i = 0; i < THREADS; i++) {
            held += shared->held_bytes[i];
        }
        sluice_account_audit(sluice_tenant_ledger(), 0, &used, &sum);
        most = held > most ? held : most;
        kill(victim, SIGKILL);
        waitpid(victim, NULL, 0);
        if (used != held || sum != held) {
            printf("round %d: its threads hold %" PRIu64 " bytes, used are %" PRIu64 ", the slots' sum is %" PRIu64 "\n", round, held, used, sum);
            return 1;
        }
        struct sluice_identity self = sluice_identity_self();
        sluice_membership_sweep(sluice_tenant_ledger(), &self);
    }
    printf("%d rounds, %" PRIu64 " slots taken from a living process, books right each time; at most %" PRIu64 " bytes held at the end\n", rounds, robberies, most);
    return 0;
}
