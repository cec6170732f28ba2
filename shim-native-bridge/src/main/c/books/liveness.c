#define _GNU_SOURCE
#include "liveness.h"

#include "file_status.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int locks_fd(struct sluice_ledger *ledger, struct sluice_message *message);
static int is_locks_file(const struct sluice_ledger *ledger, int fd);
static int read_start_time(const char *path, uint64_t *start_time, char *state);

struct sluice_identity sluice_identity_self(void) {
    struct sluice_identity self = {.pid = (uint32_t)getpid(), .program = sluice_program_of_self()};
    struct stat status;
    char state;
    if (sluice_status_at("/proc/self/ns/pid", &status) == 0) {
        self.pid_namespace = status.st_ino;
    }
    read_start_time("/proc/self/stat", &self.start_time, &state);
    return self;
}

int sluice_liveness_lock(struct sluice_ledger *ledger, unsigned slot, struct sluice_message *message) {
    int fd = locks_fd(ledger, message);
    if (fd < 0) {
        return -1;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};
    if (fcntl(fd, F_SETLK, &lock) == 0) {
        return 1;
    }
    if (errno == EAGAIN || errno == EACCES) {
        return 0;
    }
    return sluice_message_set(message, "%s cannot be locked: %s", ledger->locks_path, strerror(errno));
}

void sluice_liveness_unlock(struct sluice_ledger *ledger, unsigned slot) {
    if (is_locks_file(ledger, ledger->locks_fd)) {
        struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};
        fcntl(ledger->locks_fd, F_SETLK, &lock);
    }
}

// Beyond the slots' bytes, and no further than a file may be long.
static struct flock shared_lock(uint64_t key, short type) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)(SLUICE_SLOT_COUNT + (key >> 2)), .l_len = 1};
}

int sluice_liveness_share(struct sluice_ledger *ledger, uint64_t key) {
    struct sluice_message ignored;
    struct flock lock = shared_lock(key, F_RDLCK);
    int fd = locks_fd(ledger, &ignored);
    return fd < 0 || fcntl(fd, F_SETLK, &lock) ? -1 : 0;
}

void sluice_liveness_unshare(struct sluice_ledger *ledger, uint64_t key) {
    struct flock lock = shared_lock(key, F_UNLCK);
    if (is_locks_file(ledger, ledger->locks_fd)) {
        fcntl(ledger->locks_fd, F_SETLK, &lock);
    }
}

int sluice_liveness_shared(struct sluice_ledger *ledger, uint64_t key) {
    struct sluice_message ignored;
    struct flock lock = shared_lock(key, F_WRLCK);
    int fd = locks_fd(ledger, &ignored);
    return fd < 0 || fcntl(fd, F_GETLK, &lock) || lock.l_type != F_UNLCK;
}

void sluice_liveness_close(struct sluice_ledger *ledger) {
    if (is_locks_file(ledger, ledger->locks_fd)) {
        close(ledger->locks_fd);
    }
    ledger->locks_fd = -1;
}

int sluice_liveness_holder(struct sluice_ledger *ledger, struct sluice_message *message) {
    int fd = locks_fd(ledger, message);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = SLUICE_SLOT_COUNT};
    if (fd < 0) {
        return -1;
    }
    if (fcntl(fd, F_GETLK, &lock)) {
        return sluice_message_set(message, "%s cannot be asked for locks: %s", ledger->locks_path, strerror(errno));
    }
    // A holder in another pid namespace has no number here.
    return lock.l_type == F_UNLCK ? 0 : lock.l_pid > 0 ? (int)lock.l_pid : 1;
}

int sluice_liveness_dead(struct sluice_ledger *ledger, unsigned slot, const struct sluice_identity *self) {
    const struct sluice_slot *s = &ledger->slots[slot];
    struct sluice_message ignored;
    int same_namespace = self->pid_namespace && s->pid_namespace == self->pid_namespace;
    if (same_namespace && s->pid == self->pid && s->start_time == self->start_time) {
        return s->program != 0 && s->program != self->program; // ours, or of what we were before execve()
    }
    int fd = locks_fd(ledger, &ignored);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};
    if (fd < 0 || fcntl(fd, F_GETLK, &lock) || lock.l_type != F_UNLCK) {
        return 0;
    }
    return !same_namespace || sluice_liveness_process_gone(s->pid, s->start_time) || !sluice_program_maps(ledger, s->pid);
}

// Our descriptor of the locks file. Opened again if the application has closed it, or has another file under its number.
static int locks_fd(struct sluice_ledger *ledger, struct sluice_message *message) {
    if (is_locks_file(ledger, ledger->locks_fd)) {
        return ledger->locks_fd;
    }
    int low = open(ledger->locks_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (low < 0) {
        return sluice_message_set(message, "%s cannot be opened: %s", ledger->locks_path, strerror(errno));
    }
    // Far from the small numbers that programs expect to be handed out in order. `low` is closed before any lock is taken:
    // closing any descriptor of a file drops the process' locks on it.
    int high = fcntl(low, F_DUPFD_CLOEXEC, 700);
    int fd = high < 0 ? low : high;
    if (high >= 0) {
        close(low);
    }
    struct stat status;
    if (sluice_status_of(fd, &status)) {
        close(fd);
        return sluice_message_set(message, "%s cannot be read: %s", ledger->locks_path, strerror(errno));
    }
    ledger->locks_device = status.st_dev;
    ledger->locks_inode = status.st_ino;
    ledger->locks_fd = fd;
    return fd;
}

static int is_locks_file(const struct sluice_ledger *ledger, int fd) {
    struct stat status;
    return fd >= 0 && sluice_status_of(fd, &status) == 0 && status.st_dev == ledger->locks_device && status.st_ino == ledger->locks_inode;
}

int sluice_liveness_process_gone(uint32_t pid, uint64_t start_time) {
    char path[64], state;
    uint64_t started;
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    if (read_start_time(path, &started, &state) == 0) {
        return started != start_time || state == 'Z' || state == 'X'; // a zombie runs no more, whoever waits for it
    }
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static int read_start_time(const char *path, uint64_t *start_time, char *state) {
    char text[1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    if (length <= 0) {
        return -1;
    }
    text[length] = 0;
    char *field = strrchr(text, ')'); // the name before it may hold anything
    if (!field || strlen(field) < 4) {
        return -1;
    }
    *state = field[2];
    field += 2;
    for (int number = 3; number < 22; number++) {
        field = strchr(field, ' ');
        if (!field) {
            return -1;
        }
        field++;
    }
    *start_time = strtoull(field, NULL, 10);
    return 0;
}
