// share.c: memory that processes hand to each other: descriptors over a socket, and IPC handles as text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"

enum { MOST = 1024 };

struct ipc_handle {
    unsigned char bytes[64];
};

static uint64_t opened[MOST];
static int count;

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return address;
}

int send_descriptor(const char *path, int fd) {
    struct sockaddr_un address = address_of(path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), tries = 0;
    while (connect(s, (struct sockaddr *)&address, sizeof address) != 0 && tries++ < 3000) {
        usleep(10000); // until the other listens
    }
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    int sent = sendmsg(s, &message, 0) == 1;
    close(s);
    return sent ? 0 : -1;
}

int receive_descriptor(const char *path) {
    struct sockaddr_un address = address_of(path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1;
    unlink(path);
    if (bind(s, (struct sockaddr *)&address, sizeof address) != 0 || listen(s, 1) != 0) {
        return -1;
    }
    int c = accept(s, NULL, NULL);
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec place = {&byte, 1};
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(c, &message, 0) == 1 && CMSG_FIRSTHDR(&message)) {
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    }
    close(c);
    close(s);
    return fd;
}

// ipc-get ALLOCATION: its handle, as text
void do_ipc_get(char **a) {
    int (*get)(struct ipc_handle *, uint64_t) = (int (*)(struct ipc_handle *, uint64_t))cuda_symbol("cuIpcGetMemHandle", "cuIpcGetMemHandle", 4010);
    struct ipc_handle handle = {{0}};
    char text[sizeof handle * 2 + 1];
    int result = get(&handle, allocation_at(a[1]));
    for (size_t i = 0; i < sizeof handle; i++) {
        sprintf(text + 2 * i, "%02x", handle.bytes[i]);
    }
    answer("%d %s", result, text);
}

// ipc-open TEXT
void do_ipc_open(char **a) {
    int (*open)(uint64_t *, struct ipc_handle, unsigned) = (int (*)(uint64_t *, struct ipc_handle, unsigned))cuda_symbol("cuIpcOpenMemHandle_v2", "cuIpcOpenMemHandle", 11000);
    struct ipc_handle handle = {{0}};
    uint64_t address = 0;
    for (size_t i = 0; a[1] && i < sizeof handle && sscanf(a[1] + 2 * i, "%2hhx", &handle.bytes[i]) == 1; i++) {
    }
    int result = open(&address, handle, 1);
    if (result == 0) {
        opened[count++ % MOST] = address;
    }
    answer("%d %d", result, count - 1);
}

void do_ipc_close(char **a) {
    int (*close_handle)(uint64_t) = (int (*)(uint64_t))cuda_symbol("cuIpcCloseMemHandle", "cuIpcCloseMemHandle", 4010);
    answer("%d", close_handle(opened[strtoull(a[1], NULL, 10) % MOST]));
}

// external BYTES: memory of a descriptor that is none
void do_external(char **a) {
    int (*import)(void **, const void *) = (int (*)(void **, const void *))cuda_symbol("cuImportExternalMemory", "cuImportExternalMemory", 10000);
    struct {
        int type;
        uint64_t handle[2];
        unsigned long long size;
        unsigned flags, reserved[16];
    } description = {.type = 1, .handle = {(uint64_t)-1}, .size = strtoull(a[1], NULL, 10)};
    void *memory = NULL;
    answer("%d", import(&memory, &description));
}
