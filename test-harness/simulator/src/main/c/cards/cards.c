// cards.c: finds the folder, writes the default cards.conf once, and hands the text to the parser.
#define _GNU_SOURCE
#include "cards/cards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cards/conf.h"

enum { CONF_BYTES_MAX = 1 << 16 };

static void find_folder(struct cards *cards) {
    const char *named = getenv("SLUICE_SIM_DIR");
    if (named && *named) snprintf(cards->folder, sizeof cards->folder, "%s", named);
    else snprintf(cards->folder, sizeof cards->folder, "/dev/shm/sluice-sim-%u", (unsigned)getuid());
}

static void random_uuid(char *text, size_t size) {
    uint8_t b[16] = {0};
    if (syscall(SYS_getrandom, b, sizeof b, 0) != (long)sizeof b) memcpy(b, &(long){(long)getpid()}, sizeof(long));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(text, size, "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
             b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

// link() decides which of several first processes wrote the file; the others read the winner's.
static int write_default(const struct cards *cards, const char *path, char *error, size_t error_size) {
    char temporary[PATH_MAX], uuid[48];
    snprintf(temporary, sizeof temporary, "%s/cards.conf.%d", cards->folder, (int)getpid());
    random_uuid(uuid, sizeof uuid);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || dprintf(fd,
                          "# The simulated GPUs, in CUDA's order. docs/simulated-gpu.md names every key.\n"
                          "[card]\nname=Sluice Simulated GPU\nuuid=%s\nmemory_bytes=8589934592\n", uuid) < 0) {
        snprintf(error, error_size, "cannot write %s: %s; set SLUICE_SIM_DIR to a folder you may write to", temporary,
                 strerror(errno));
        if (fd >= 0) close(fd);
        return -1;
    }
    close(fd);
    int linked = link(temporary, path);
    int reason = errno;
    unlink(temporary);
    if (linked != 0 && reason != EEXIST) {
        snprintf(error, error_size, "cannot create %s: %s", path, strerror(reason));
        return -1;
    }
    return 0;
}

static ssize_t read_whole(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    size_t length = 0;
    ssize_t got = 0;
    while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0) length += (size_t)got;
    close(fd);
    text[length] = 0;
    return got < 0 ? -1 : (ssize_t)length;
}

int cards_read(struct cards *cards, char *error, size_t error_size) {
    char path[PATH_MAX];
    memset(cards, 0, sizeof *cards);
    find_folder(cards);
    snprintf(path, sizeof path, "%s/cards.conf", cards->folder);
    char *text = malloc(CONF_BYTES_MAX);
    if (!text) return -1;
    ssize_t length = read_whole(path, text, CONF_BYTES_MAX);
    if (length < 0) {
        mkdir(cards->folder, 0700);
        if (write_default(cards, path, error, error_size) != 0) {
            free(text);
            return -1;
        }
        length = read_whole(path, text, CONF_BYTES_MAX);
    }
    int result = -1;
    if (length < 0) snprintf(error, error_size, "cannot read %s: %s", path, strerror(errno));
    else result = conf_parse(text, path, cards, error, error_size);
    free(text);
    return result;
}
