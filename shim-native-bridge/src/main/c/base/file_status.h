// file_status.h: stat and fstat as the system calls that they are. As functions they came with glibc 2.33, and what stood for
// them before cannot be named in a build on a newer one (base/glibc_floor.h).
#ifndef SLUICE_FILE_STATUS_H
#define SLUICE_FILE_STATUS_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if !defined __x86_64__ && !defined __aarch64__
#error "the kernel's struct stat must be the C library's: check that before adding a processor"
#endif

// Of an open descriptor. Returns 0, or -1 and errno.
static inline int sluice_status_of(int fd, struct stat *status) {
    return (int)syscall(SYS_fstat, fd, status);
}

// Of a path, links followed. Returns 0, or -1 and errno.
static inline int sluice_status_at(const char *path, struct stat *status) {
    return (int)syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

#endif
