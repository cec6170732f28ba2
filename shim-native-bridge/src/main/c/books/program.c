#define _GNU_SOURCE
#include "program.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { LINE = 512, FILE_NAME = 64 };

// A line of /proc/<pid>/maps begins "from-to permissions offset device inode" (proc_pid_maps(5)).
struct maps {
    int fd;
    size_t length, at;
    char text[4096];
};

static int next_line(struct maps *maps, char line[LINE]);
static int file_of(const char *line, char file[FILE_NAME]);
static int own_file(const struct sluice_ledger *ledger, char file[FILE_NAME]);

// From the 16 random bytes that the kernel gives each program (getauxval(3), AT_RANDOM). Mixed, since the C library makes its canaries
// of them.
uint64_t sluice_program_of_self(void) {
    uint64_t words[2] = {0, 0};
    const void *random = (const void *)getauxval(AT_RANDOM); // NOLINT: a pointer by its documentation
    if (random) {
        memcpy(words, random, sizeof words);
    }
    uint64_t mixed = (words[0] ^ words[1]) * 0x9e3779b97f4a7c15ull;
    mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93ull;
    return (mixed ^ mixed >> 32) | 1;
}

int sluice_program_maps(const struct sluice_ledger *ledger, uint32_t pid) {
    char path[64], line[LINE], wanted[FILE_NAME], file[FILE_NAME];
    snprintf(path, sizeof path, "/proc/%u/maps", pid);
    struct maps maps = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    int lines = 0, found = 0;
    if (maps.fd < 0 || !own_file(ledger, wanted)) {
        found = 1;
    }
    while (!found && next_line(&maps, line)) {
        lines++;
        found = file_of(line, file) && strcmp(file, wanted) == 0;
    }
    if (maps.fd >= 0) {
        close(maps.fd);
    }
    return found || lines == 0;
}

// The ledger's own device and inode, as maps tell them.
static int own_file(const struct sluice_ledger *ledger, char file[FILE_NAME]) {
    char line[LINE];
    struct maps maps = {.fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    int found = 0;
    while (maps.fd >= 0 && !found && next_line(&maps, line)) {
        unsigned long from;
        found = sscanf(line, "%lx-", &from) == 1 && from == (unsigned long)(uintptr_t)ledger->header && file_of(line, file);
    }
    if (maps.fd >= 0) {
        close(maps.fd);
    }
    return found;
}

static int file_of(const char *line, char file[FILE_NAME]) {
    char device[24], inode[24];
    return sscanf(line, "%*s %*s %*s %23s %23s", device, inode) == 2 && strcmp(inode, "0") != 0
        && snprintf(file, FILE_NAME, "%s %s", device, inode) < FILE_NAME;
}

// Long lines are cut. Returns 0 at the end.
static int next_line(struct maps *maps, char line[LINE]) {
    size_t length = 0;
    for (;;) {
        if (maps->at == maps->length) {
            ssize_t more = read(maps->fd, maps->text, sizeof maps->text);
            if (more <= 0) {
                line[length] = 0;
                return length > 0;
            }
            maps->at = 0;
            maps->length = (size_t)more;
        }
        char c = maps->text[maps->at++];
        if (c == '\n') {
            line[length] = 0;
            return 1;
        }
        if (length < LINE - 1) {
            line[length++] = c;
        }
    }
}
