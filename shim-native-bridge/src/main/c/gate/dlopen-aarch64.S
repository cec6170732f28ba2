// void *dlopen(const char *name, int flags); void *dlmopen(Lmid_t namespace, const char *name, int flags). See dlopen_hook.c.
    .text
    .globl dlopen
    .type dlopen, %function
dlopen:
    .cfi_startproc
    hint #34 // bti c, which older processors pass over
    stp x29, x30, [sp, #-32]!
    .cfi_def_cfa_offset 32
    .cfi_offset x29, -32
    .cfi_offset x30, -24
    mov x29, sp
    stp x0, x1, [sp, #16]
    bl sluice_dlopen_instead
    mov x16, x0
    ldp x0, x1, [sp, #16]
    ldp x29, x30, [sp], #32
    .cfi_def_cfa_offset 0
    .cfi_restore x29
    .cfi_restore x30
    cmp x16, #0
    csel x0, x16, x0, ne
    adrp x16, sluice_libc_dlopen
    ldr x16, [x16, :lo12:sluice_libc_dlopen]
    br x16
    .cfi_endproc
    .size dlopen, . - dlopen

    .globl dlmopen
    .type dlmopen, %function
dlmopen:
    .cfi_startproc
    hint #34
    stp x29, x30, [sp, #-48]!
    .cfi_def_cfa_offset 48
    .cfi_offset x29, -48
    .cfi_offset x30, -40
    mov x29, sp
    stp x0, x1, [sp, #16]
    str x2, [sp, #32]
    mov x0, x1
    bl sluice_dlopen_instead
    mov x16, x0
    ldr x2, [sp, #32]
    ldp x0, x1, [sp, #16]
    ldp x29, x30, [sp], #48
    .cfi_def_cfa_offset 0
    .cfi_restore x29
    .cfi_restore x30
    cbz x16, 1f
    mov x0, x16
    mov w1, w2
    adrp x16, sluice_libc_dlopen
    ldr x16, [x16, :lo12:sluice_libc_dlopen]
    br x16
1:  adrp x16, sluice_libc_dlmopen
    ldr x16, [x16, :lo12:sluice_libc_dlmopen]
    br x16
    .cfi_endproc
    .size dlmopen, . - dlmopen

    .section .note.GNU-stack,"",%progbits
