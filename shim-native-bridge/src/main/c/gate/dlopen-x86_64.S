// void *dlopen(const char *name, int flags); void *dlmopen(Lmid_t namespace, const char *name, int flags). See dlopen_hook.c.
    .text
    .globl dlopen
    .type dlopen, %function
dlopen:
    .cfi_startproc
    endbr64
    push %rdi
    .cfi_adjust_cfa_offset 8
    push %rsi
    .cfi_adjust_cfa_offset 8
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    call sluice_dlopen_instead
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    pop %rsi
    .cfi_adjust_cfa_offset -8
    pop %rdi
    .cfi_adjust_cfa_offset -8
    testq %rax, %rax
    cmovneq %rax, %rdi
    jmp *sluice_libc_dlopen(%rip)
    .cfi_endproc
    .size dlopen, . - dlopen

    .globl dlmopen
    .type dlmopen, %function
dlmopen:
    .cfi_startproc
    endbr64
    push %rdi
    .cfi_adjust_cfa_offset 8
    push %rsi
    .cfi_adjust_cfa_offset 8
    push %rdx
    .cfi_adjust_cfa_offset 8
    movq %rsi, %rdi
    call sluice_dlopen_instead
    pop %rdx
    .cfi_adjust_cfa_offset -8
    pop %rsi
    .cfi_adjust_cfa_offset -8
    pop %rdi
    .cfi_adjust_cfa_offset -8
    testq %rax, %rax
    jz 1f
    movq %rax, %rdi
    movl %edx, %esi
    jmp *sluice_libc_dlopen(%rip)
1:  jmp *sluice_libc_dlmopen(%rip)
    .cfi_endproc
    .size dlmopen, . - dlmopen

    .section .note.GNU-stack,"",%progbits
