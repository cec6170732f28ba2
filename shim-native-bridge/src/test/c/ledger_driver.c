// ledger_driver: several real processes of one tenant, driven one command at a time through the libwrapper's own books.
// Pair of LedgerDifferentialTest.java. Commands on stdin, one answer line each:
//   start P             forks process P                       → ok
//   charge P ROW BYTES  P asks for memory                     → granted | over | lost
//   release P ROW BYTES P gives memory back                   → ok
//   kill P              SIGKILL, and waits for it             → ok
// The environment names the tenant and the run directory as for an application.
#define _GNU_SOURCE
#include "membership.h"
#include "tenant.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 64 };

struct process {
    pid_t pid;
    FILE *commands, *answers;
};

static struct process processes[PROCESSES];

static const char *charge(unsigned row, uint64_t bytes) {
    static const char *const words[] = {
        [SLUICE_CHARGE_GRANTED] = "granted",
        [SLUICE_CHARGE_GRANTED_LATE] = "granted",
        [SLUICE_CHARGE_OVER_LIMIT] = "over",
        [SLUICE_CHARGE_LOST] = "lost",
    };
    struct sluice_standing standing;
    return words[sluice_tenant_charge(row, bytes, SLUICE_KIND_LINEAR, &standing)];
}

static void serve(FILE *commands, FILE *answers) {
    char line[128], verb[16];
    unsigned row;
    uint64_t bytes;
    if (sluice_tenant_governance() != SLUICE_GOVERNED) {
        exit(1);
    }
    fputs("ok\n", answers);
    fflush(answers);
    while (fgets(line, sizeof line, commands) && sscanf(line, "%15s %u %" SCNu64, verb, &row, &bytes) == 3) {
        if (!strcmp(verb, "charge")) {
            fprintf(answers, "%s\n", charge(row, bytes));
        } else {
            sluice_tenant_release(row, bytes, SLUICE_KIND_LINEAR);
            fputs("ok\n", answers);
        }
        fflush(answers);
    }
    exit(0);
}

static void start(struct process *process) {
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) {
        exit(2);
    }
    process->pid = fork();
    if (process->pid == 0) {
        serve(fdopen(down[0], "r"), fdopen(up[1], "w"));
    }
    close(down[0]);
    close(up[1]);
    process->commands = fdopen(down[1], "w");
    process->answers = fdopen(up[0], "r");
}

static void end(struct process *process) {
    kill(process->pid, SIGKILL);
    waitpid(process->pid, NULL, 0);
    fclose(process->commands);
    fclose(process->answers);
    memset(process, 0, sizeof *process);
}

int main(void) {
    char line[128], verb[16], rest[100];
    unsigned number;
    while (fgets(line, sizeof line, stdin)) {
        int fields = sscanf(line, "%15s %u %99[^\n]", verb, &number, rest);
        if (fields < 2 || number >= PROCESSES) {
            return 3;
        }
        struct process *process = &processes[number];
        if (!strcmp(verb, "kill")) {
            end(process);
            puts("ok");
        } else {
            if (!strcmp(verb, "start")) {
                start(process);
            } else {
                fprintf(process->commands, "%s %s\n", verb, rest);
                fflush(process->commands);
            }
            if (!fgets(line, sizeof line, process->answers)) {
                return 4;
            }
            fputs(line, stdout);
        }
        fflush(stdout);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        if (processes[i].pid) {
            end(&processes[i]);
        }
    }
    return 0;
}
