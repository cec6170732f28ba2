// file_status.h: stat and fstat as the system calls that they are. As functions they came with glibc 2.33, which is beyond the floor.
#ifndef SLUICE_SIM_FILE_STATUS_H
#define SLUICE_SIM_FILE_STATUS_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Each returns 0, or -1 and errno.
static inline int file_status_of(int fd, struct stat *status) {
    return (int)syscall(SYS_fstat, fd, status);
}

static inline int file_status_at(const char *path, struct stat *status) {
    return (int)syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

#endif
