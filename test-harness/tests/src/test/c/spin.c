// spin.c: kernels that wait for each other, through a word of host memory that several processes share.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

enum { PAGE = 4096, REGISTER_DEVICEMAP = 2, STREAM_NON_BLOCKING = 1 };

// Looks at the clock, so that the simulated GPU knows for how long it waited.
static const char image[] =
    ".version 6.0\n.target sm_50\n.address_size 64\n"
    ".visible .entry await(.param .u64 word)\n{\n\t.reg .pred %p;\n\t.reg .u64 %a, %t;\n\t.reg .u32 %v;\n"
    "\tld.param.u64 %a, [word];\n"
    "next:\n\tmov.u64 %t, %globaltimer;\n\tld.volatile.global.u32 %v, [%a];\n\tsetp.eq.u32 %p, %v, 0;\n\t@%p bra next;\n\tret;\n}\n"
    ".visible .entry tell(.param .u64 word)\n{\n\t.reg .u64 %a;\n\t.reg .u32 %v;\n"
    "\tld.param.u64 %a, [word];\n\tmov.u32 %v, 1;\n\tst.volatile.global.u32 [%a], %v;\n\tret;\n}\n";

// The file's first page, as kernels see it; 0: not to be had.
static uint64_t shared_word(const char *path) {
    static uint64_t address;
    int (*host_register)(void *, size_t, unsigned) = cuda_symbol("cuMemHostRegister_v2", "cuMemHostRegister", 6050);
    int (*device_pointer)(uint64_t *, void *, unsigned) = cuda_symbol("cuMemHostGetDevicePointer_v2", "cuMemHostGetDevicePointer", 3020);
    int fd = address ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *page = fd >= 0 && ftruncate(fd, PAGE) == 0 ? mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (page != MAP_FAILED && (host_register(page, PAGE, REGISTER_DEVICEMAP) != 0 || device_pointer(&address, page, 0) != 0)) {
        address = 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return address;
}

// spin FILE await|tell: launches into a stream of its own a kernel that waits until the word in FILE is not 0, or makes it so.
void do_spin(char **a) {
    static void *module, *stream;
    void *function;
    uint64_t word = shared_word(a[1]);
    void *parameters[] = {&word};
    int result = word ? 0 : -1;
    if (result == 0 && !module) {
        result = cuda.cuModuleLoadData(&module, image);
        result = result ? result : cuda.cuStreamCreate(&stream, STREAM_NON_BLOCKING);
    }
    result = result ? result : cuda.cuModuleGetFunction(&function, module, a[2]);
    result = result ? result : cuda.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, parameters, NULL);
    answer("%d", result);
}
