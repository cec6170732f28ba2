// ledger_storm: processes of one tenant, two threads each, charge and release as fast as they can; some are killed at random
// instants while two sweepers race; after every round the books must be right. Pair of LedgerStormTest.java.
//   ledger_storm ROUNDS SEED       ends 0, or 1 with the first thing that was wrong
// The environment names the tenant and the run directory; row 0 has a limit that the workers keep running into.
#define _GNU_SOURCE
#include "account.h"
#include "membership.h"
#include "tenant.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 4, SWEEPERS = 2, PIECES = 16 };

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static int granted(uint64_t bytes) {
    struct sluice_standing standing;
    return sluice_tenant_charge(0, bytes, SLUICE_KIND_LINEAR, &standing) <= SLUICE_CHARGE_GRANTED_LATE;
}

static void *charge_and_release(void *seed) {
    uint64_t random = (uint64_t)(uintptr_t)seed, held[PIECES] = {0};
    for (;;) {
        unsigned piece = next_random(&random) % PIECES;
        if (held[piece]) {
            sluice_tenant_release(0, held[piece], SLUICE_KIND_LINEAR);
            held[piece] = 0;
        } else {
            uint64_t bytes = 512 * (1 + next_random(&random) % 200);
            held[piece] = granted(bytes) ? bytes : 0;
        }
    }
    return NULL;
}

static pid_t start_worker(uint64_t seed) {
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a failed round leaves nobody behind
        sluice_tenant_governance();
        pthread_create(&thread, NULL, charge_and_release, (void *)(uintptr_t)(seed | 1));
        charge_and_release((void *)(uintptr_t)(seed ^ 0x9e3779b97f4a7c15ull));
    }
    return pid;
}

static pid_t start_sweeper(void) {
    pid_t pid = fork();
    if (pid == 0) {
        struct sluice_identity self = sluice_identity_self();
        sluice_membership_sweep(sluice_tenant_ledger(), &self);
        _exit(0);
    }
    return pid;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void right_or_die(const char *when, int round, uint64_t expected) {
    uint64_t used, sum, limit;
    int listed;
    limit = sluice_ledger_limit(sluice_tenant_ledger(), 0, &listed);
    sluice_account_audit(sluice_tenant_ledger(), 0, &used, &sum);
    if (used != sum || used > limit || (expected != UINT64_MAX && used != expected)) {
        printf("round %d, %s: used %" PRIu64 ", sum of slots %" PRIu64 ", limit %" PRIu64 "\n", round, when, used, sum, limit);
        exit(1);
    }
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 100, listed;
    uint64_t random = count > 2 ? strtoull(arguments[2], NULL, 10) | 1 : 1, kills = 0;
    uint64_t *need_ns = calloc((size_t)rounds, sizeof *need_ns);
    if (!need_ns || sluice_tenant_governance() != SLUICE_GOVERNED) {
        return 1;
    }
    uint64_t limit = sluice_ledger_limit(sluice_tenant_ledger(), 0, &listed) & ~511ull;
    for (int round = 0; round < rounds; round++) {
        pid_t worker[WORKERS], sweeper[SWEEPERS];
        for (int i = 0; i < WORKERS; i++) {
            worker[i] = start_worker(next_random(&random));
        }
        usleep(300 + next_random(&random) % 1500);
        int survivors = 1 + (int)(next_random(&random) % (WORKERS - 1));
        for (int i = survivors; i < WORKERS; i++, kills++) {
            end(worker[i]);
        }
        right_or_die("after the first kills", round, UINT64_MAX);
        for (int i = 0; i < SWEEPERS; i++) {
            sweeper[i] = start_sweeper();
        }
        for (int i = 0; i < SWEEPERS; i++) {
            waitpid(sweeper[i], NULL, 0);
        }
        right_or_die("after two sweepers at once", round, UINT64_MAX);
        for (int i = 0; i < survivors; i++, kills++) {
            end(worker[i]);
        }
        // The next need: everything that the dead hold, in one request.
        uint64_t start = nanoseconds();
        if (!granted(limit)) {
            printf("round %d: the memory of the dead was not there for the next need\n", round);
            return 1;
        }
        need_ns[round] = nanoseconds() - start;
        sluice_tenant_release(0, limit, SLUICE_KIND_LINEAR);
        right_or_die("after everybody has gone", round, 0);
    }
    qsort(need_ns, (size_t)rounds, sizeof *need_ns, ascending);
    printf("%d rounds, %" PRIu64 " kills, books right each time; the next need was met after %.3f ms (median), %.3f (99 %%), %.3f (worst)\n", rounds,
        kills, (double)need_ns[rounds / 2] / 1e6, (double)need_ns[rounds * 99 / 100] / 1e6, (double)need_ns[rounds - 1] / 1e6);
    free(need_ns);
    return 0;
}
