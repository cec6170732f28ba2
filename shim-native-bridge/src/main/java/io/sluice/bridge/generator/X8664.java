package io.sluice.bridge.generator;

/** On the fast paths only {@code rax} and {@code r11} are touched, which carry no argument (System V ABI, AMD64, 3.2.3). */
record X8664(String prefix) implements Processor {
    @Override
    public String name() {
        return "x86_64";
    }

    @Override
    public String landing() {
        return "    endbr64\n";
    }

    @Override
    public String jump(int number) {
        return "    jmp *%s_real+%d(%%rip)\n".formatted(prefix, 8 * number);
    }

    @Override
    public String branch(String label) {
        return "    jmp " + label + "\n";
    }

    @Override
    public String unless(String word) {
        return "    cmpl $0, " + word + "(%rip)\n    jne 1f\n";
    }

    @Override
    public String count(int offset, int number, String whom) {
        return """
                    movq sluice_lane@gottpoff(%%rip), %%rax
                    movq %%fs:(%%rax), %%rax
                    testq %%rax, %%rax
                    jz 1f
                    incq %d(%%rax)
                %s1:
                %s""".formatted(offset, jump(number), ask(number, whom));
    }

    @Override
    public String launch(int offset, int number, String whom, String hook) {
        return """
                    movq sluice_lane@gottpoff(%%rip), %%rax
                    movq %%fs:(%%rax), %%r11
                    testq %%r11, %%r11
                    jz 1f
                    movq %%fs:8(%%rax), %%rax
                    cmpl $0, (%%rax)
                    jne %s
                    incq %d(%%r11)
                %s1:
                %s""".formatted(hook, offset, jump(number), ask(number, whom));
    }

    @Override
    public String close(int number, String whom) {
        return """
                    movq %s_measuring@gottpoff(%%rip), %%rax
                    cmpq $0, %%fs:(%%rax)
                    jne 1f
                %s1:
                %s""".formatted(prefix, jump(number), ask(number, whom));
    }

    @Override
    public String forgetLane() {
        return """
                    movq sluice_lane@gottpoff(%rip), %rax
                    movq $0, %fs:(%rax)
                """;
    }

    @Override
    public String ask(int number, String whom) {
        return "    push $%d\n    jmp %s_slow_%s\n".formatted(number, prefix, whom);
    }

    @Override
    public String slowPath(String whom) {
        return """
                    push %%rbp
                    movq %%rsp, %%rbp
                    push %%r9
                    push %%r8
                    push %%rcx
                    push %%rdx
                    push %%rsi
                    push %%rdi
                    subq $128, %%rsp
                    movups %%xmm0, 0(%%rsp)
                    movups %%xmm1, 16(%%rsp)
                    movups %%xmm2, 32(%%rsp)
                    movups %%xmm3, 48(%%rsp)
                    movups %%xmm4, 64(%%rsp)
                    movups %%xmm5, 80(%%rsp)
                    movups %%xmm6, 96(%%rsp)
                    movups %%xmm7, 112(%%rsp)
                    movq 8(%%rbp), %%rdi
                    leaq -48(%%rbp), %%rsi
                    andq $-16, %%rsp
                    call %s_%s
                    movq %%rax, %%r11
                    leaq -176(%%rbp), %%rsp
                    movups 0(%%rsp), %%xmm0
                    movups 16(%%rsp), %%xmm1
                    movups 32(%%rsp), %%xmm2
                    movups 48(%%rsp), %%xmm3
                    movups 64(%%rsp), %%xmm4
                    movups 80(%%rsp), %%xmm5
                    movups 96(%%rsp), %%xmm6
                    movups 112(%%rsp), %%xmm7
                    addq $128, %%rsp
                    pop %%rdi
                    pop %%rsi
                    pop %%rdx
                    pop %%rcx
                    pop %%r8
                    pop %%r9
                    pop %%rbp
                    addq $8, %%rsp
                    jmp *%%r11
                """.formatted(prefix, whom);
    }
}
