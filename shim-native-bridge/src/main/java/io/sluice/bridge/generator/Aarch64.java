package io.sluice.bridge.generator;

/**
 * On the fast paths only {@code x16} and {@code x17} are touched, which are there for code between caller and function
 * (AAPCS64, 6.1.1).
 */
record Aarch64(String prefix) implements Processor {
    @Override
    public String name() {
        return "aarch64";
    }

    @Override
    public String landing() {
        return "    hint #34 // bti c, which older processors pass over\n";
    }

    /** {@code ldar}: another thread may have loaded the driver just now, and its code reads what the loader wrote. */
    @Override
    public String jump(int number) {
        return """
                    adrp x16, %2$s_real+%1$d
                    add x16, x16, :lo12:%2$s_real+%1$d
                    ldar x16, [x16]
                    br x16
                """.formatted(8 * number, prefix);
    }

    @Override
    public String branch(String label) {
        return "    b " + label + "\n";
    }

    @Override
    public String unless(String word) {
        return """
                    adrp x16, %1$s
                    ldr w16, [x16, :lo12:%1$s]
                    cbnz w16, 1f
                """.formatted(word);
    }

    @Override
    public String count(int offset, int number, String whom) {
        return """
                %s    ldr x17, [x16, x17]
                    cbz x17, 1f
                    ldr x16, [x17, #%d]
                    add x16, x16, #1
                    str x16, [x17, #%2$d]
                %s1:
                %s""".formatted(address("sluice_lane"), offset, jump(number), ask(number, whom));
    }

    @Override
    public String launch(int offset, int number, String whom, String hook) {
        return """
                %s    add x16, x16, x17
                    ldr x17, [x16]
                    cbz x17, 1f
                    ldr x16, [x16, #8]
                    ldr w16, [x16]
                    cbz w16, 2f
                    b %s
                2:
                    ldr x16, [x17, #%d]
                    add x16, x16, #1
                    str x16, [x17, #%3$d]
                %s1:
                %s""".formatted(address("sluice_lane"), hook, offset, jump(number), ask(number, whom));
    }

    @Override
    public String close(int number, String whom) {
        return """
                %s    ldr x17, [x16, x17]
                    cbnz x17, 1f
                %s1:
                %s""".formatted(address(prefix + "_measuring"), jump(number), ask(number, whom));
    }

    @Override
    public String forgetLane() {
        return address("sluice_lane") + "    str xzr, [x16, x17]\n";
    }

    /** The calling thread's own variable is at x16 + x17. */
    private static String address(String variable) {
        return """
                    mrs x16, tpidr_el0
                    adrp x17, :gottprel:%1$s
                    ldr x17, [x17, :gottprel_lo12:%1$s]
                """.formatted(variable);
    }

    @Override
    public String ask(int number, String whom) {
        return "    mov w16, #%d\n    b %s_slow_%s\n".formatted(number, prefix, whom);
    }

    /** x8 carries an argument too: the address of a result in memory. */
    @Override
    public String slowPath(String whom) {
        return """
                    stp x29, x30, [sp, #-224]!
                    mov x29, sp
                    stp x0, x1, [sp, #16]
                    stp x2, x3, [sp, #32]
                    stp x4, x5, [sp, #48]
                    stp x6, x7, [sp, #64]
                    str x8, [sp, #80]
                    stp q0, q1, [sp, #96]
                    stp q2, q3, [sp, #128]
                    stp q4, q5, [sp, #160]
                    stp q6, q7, [sp, #192]
                    mov w0, w16
                    add x1, sp, #16
                    bl %s_%s
                    mov x16, x0
                    ldp q6, q7, [sp, #192]
                    ldp q4, q5, [sp, #160]
                    ldp q2, q3, [sp, #128]
                    ldp q0, q1, [sp, #96]
                    ldr x8, [sp, #80]
                    ldp x6, x7, [sp, #64]
                    ldp x4, x5, [sp, #48]
                    ldp x2, x3, [sp, #32]
                    ldp x0, x1, [sp, #16]
                    ldp x29, x30, [sp], #224
                    br x16
                """.formatted(prefix, whom);
    }
}
