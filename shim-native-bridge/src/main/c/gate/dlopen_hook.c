// dlopen_hook.c: libcuda asked for by any other name or path is this library. Every other name goes to the C library by a
// tail jump, with the caller's return address on the stack, since that is how dlopen finds the caller's RUNPATH.
#define _GNU_SOURCE
#include "real_driver.h"
#include "resolve.h"

#include <string.h>

// Called by the assembly below.
__attribute__((visibility("hidden"), used)) const char *sluice_dlopen_instead(const char *name);

// Returns the path to open instead, or NULL to leave the call as it is.
const char *sluice_dlopen_instead(const char *name) {
    sluice_find_libc_dlopen();
    if (!name) {
        return NULL;
    }
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name;
    size_t known = strlen("libcuda.so");
    if (strncmp(file, "libcuda.so", known) || (file[known] != 0 && file[known] != '.')) {
        return NULL;
    }
    sluice_resolve_all(); // names that the real driver lacks are hidden before the application looks for them
    return sluice_own_path();
}

// void *dlopen(const char *name, int flags); void *dlmopen(Lmid_t namespace, const char *name, int flags)
__asm__(
    "    .text\n"
    "    .globl dlopen\n"
    "    .type dlopen, @function\n"
    "dlopen:\n"
    "    endbr64\n"
    "    push %rdi\n"
    "    push %rsi\n"
    "    subq $8, %rsp\n"
    "    call sluice_dlopen_instead\n"
    "    addq $8, %rsp\n"
    "    pop %rsi\n"
    "    pop %rdi\n"
    "    testq %rax, %rax\n"
    "    cmovneq %rax, %rdi\n"
    "    jmp *sluice_libc_dlopen(%rip)\n"
    "    .size dlopen, . - dlopen\n"
    "    .globl dlmopen\n"
    "    .type dlmopen, @function\n"
    "dlmopen:\n"
    "    endbr64\n"
    "    push %rdi\n"
    "    push %rsi\n"
    "    push %rdx\n"
    "    movq %rsi, %rdi\n"
    "    call sluice_dlopen_instead\n"
    "    pop %rdx\n"
    "    pop %rsi\n"
    "    pop %rdi\n"
    "    testq %rax, %rax\n"
    "    jz 1f\n"
    "    movq %rax, %rdi\n"
    "    movl %edx, %esi\n"
    "    jmp *sluice_libc_dlopen(%rip)\n"
    "1:  jmp *sluice_libc_dlmopen(%rip)\n"
    "    .size dlmopen, . - dlmopen\n");
