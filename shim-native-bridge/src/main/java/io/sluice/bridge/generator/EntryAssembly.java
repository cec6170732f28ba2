package io.sluice.bridge.generator;

import io.sluice.bridge.api.DriverFunction;
import java.util.List;
import java.util.Locale;

/**
 * The entries, in x86-64 assembly: what the application calls when it calls the driver. An entry knows nothing of its
 * function's parameters; it leaves every argument where it is and jumps.
 *
 * <p>On the fast paths only {@code rax} and {@code r11} are touched, which carry no argument (System V ABI, AMD64, 3.2.3).
 */
final class EntryAssembly {
    /** Offsets in {@code struct sluice_lane}. */
    private static final int LAUNCHES = 0;

    private static final int UNGOVERNED_CALLS = 8;

    private EntryAssembly() {}

    static String generate(List<DriverFunction> functions, String notice) {
        StringBuilder text = new StringBuilder("# " + notice + "\n    .text\n");
        for (int i = 0; i < functions.size(); i++) {
            text.append(entry(functions.get(i), i));
        }
        text.append(slowPath("resolve"))
                .append(slowPath("counted"))
                .append(slowPath("launched"))
                .append(slowPath("refused"));
        text.append("\n    .data\n    .balign 64\n    .globl sluice_real\n    .hidden sluice_real\nsluice_real:\n");
        for (int i = 0; i < functions.size(); i++) {
            text.append("    .quad sluice_unresolved_").append(i).append('\n');
        }
        text.append(
                "\n    .section .data.rel.ro,\"aw\"\n    .balign 64\n    .globl sluice_entries\n    .hidden sluice_entries\nsluice_entries:\n");
        for (DriverFunction function : functions) {
            text.append("    .quad sluice_entry_").append(function.name()).append('\n');
        }
        return text.append("\n    .section .note.GNU-stack,\"\",@progbits\n").toString();
    }

    private static String entry(DriverFunction function, int number) {
        String body = switch (function.entry()) {
            case JUMP -> "    jmp *sluice_real+%d(%%rip)\n".formatted(8 * number);
            case HOOK -> "    jmp sluice_hook_%s\n".formatted(function.name());
            case COUNT -> counted(UNGOVERNED_CALLS, "counted", number);
            case LAUNCH -> counted(LAUNCHES, "launched", number);
            case REBIND -> """
                        movq sluice_lane@gottpoff(%%rip), %%rax
                        movq $0, %%fs:(%%rax)
                        jmp *sluice_real+%d(%%rip)
                    """.formatted(8 * number);
            case REFUSE -> "    push $%d\n    jmp sluice_slow_refused\n".formatted(number);
        };
        return String.format(Locale.ROOT, """

                    .globl %1$s
                    .type %1$s, @function
                    .balign 16
                %1$s:
                sluice_entry_%1$s:
                    .cfi_startproc
                    endbr64
                %2$s    .cfi_endproc
                    .size %1$s, . - %1$s
                sluice_unresolved_%3$d:
                    push $%3$d
                    jmp sluice_slow_resolve
                """, function.name(), body, number);
    }

    private static String counted(int counter, String otherwise, int number) {
        return """
                    movq sluice_lane@gottpoff(%%rip), %%rax
                    movq %%fs:(%%rax), %%rax
                    testq %%rax, %%rax
                    jz 1f
                    incq %d(%%rax)
                    jmp *sluice_real+%d(%%rip)
                1:  push $%d
                    jmp sluice_slow_%s
                """.formatted(counter, 8 * number, number, otherwise);
    }

    /**
     * Keeps every register that can carry an argument, asks C where to go with the function's number, and goes there as if
     * the application had called it.
     */
    private static String slowPath(String name) {
        return """

                    .type sluice_slow_%1$s, @function
                    .balign 16
                sluice_slow_%1$s:
                    push %%rbp
                    movq %%rsp, %%rbp
                    push %%rdi
                    push %%rsi
                    push %%rdx
                    push %%rcx
                    push %%r8
                    push %%r9
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
                    andq $-16, %%rsp
                    call sluice_%1$s
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
                    pop %%r9
                    pop %%r8
                    pop %%rcx
                    pop %%rdx
                    pop %%rsi
                    pop %%rdi
                    pop %%rbp
                    addq $8, %%rsp
                    jmp *%%r11
                    .size sluice_slow_%1$s, . - sluice_slow_%1$s
                """.formatted(name);
    }
}
