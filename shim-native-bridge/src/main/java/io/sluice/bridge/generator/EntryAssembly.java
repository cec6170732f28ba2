package io.sluice.bridge.generator;

import io.sluice.bridge.api.DriverFunction;
import java.util.List;
import java.util.Locale;

/**
 * The entries, in assembly: what the application calls when it calls the driver. An entry leaves every argument where it is
 * and jumps. What depends on the processor stands in {@link Processor}.
 */
final class EntryAssembly {
    /** Offsets in {@code struct sluice_lane}. */
    private static final int LAUNCHES = 0;

    private static final int UNGOVERNED_CALLS = 8;

    private final Processor processor;

    EntryAssembly(Processor processor) {
        this.processor = processor;
    }

    String generate(List<DriverFunction> functions, String notice) {
        StringBuilder text = new StringBuilder("/* " + notice + " */\n    .text\n");
        for (int i = 0; i < functions.size(); i++) {
            text.append(entry(functions.get(i), i));
        }
        for (String whom : List.of("resolve", "counted", "launched", "refused")) {
            text.append(slowPath(whom));
        }
        text.append("\n    .data\n    .balign 64\n    .globl sluice_real\n    .hidden sluice_real\nsluice_real:\n");
        for (int i = 0; i < functions.size(); i++) {
            text.append("    .quad sluice_unresolved_").append(i).append('\n');
        }
        text.append(
                "\n    .section .data.rel.ro,\"aw\"\n    .balign 64\n    .globl sluice_entries\n    .hidden sluice_entries\nsluice_entries:\n");
        for (DriverFunction function : functions) {
            text.append("    .quad sluice_entry_").append(function.name()).append('\n');
        }
        return text.append("\n    .section .note.GNU-stack,\"\",%progbits\n").toString();
    }

    private String entry(DriverFunction function, int number) {
        String body = switch (function.entry()) {
            case JUMP -> processor.jump(number);
            case HOOK -> processor.branch("sluice_hook_" + function.name());
            case COUNT -> processor.count(UNGOVERNED_CALLS, number, "counted");
            case LAUNCH -> processor.count(LAUNCHES, number, "launched");
            case REBIND -> processor.forgetLane() + processor.jump(number);
            case REFUSE -> processor.ask(number, "refused");
        };
        return String.format(
                Locale.ROOT, """

                    .globl %1$s
                    .type %1$s, %%function
                    .balign 16
                %1$s:
                sluice_entry_%1$s:
                    .cfi_startproc
                %2$s%3$s    .cfi_endproc
                    .size %1$s, . - %1$s
                sluice_unresolved_%4$d:
                %5$s""", function.name(), processor.landing(), body, number, processor.ask(number, "resolve"));
    }

    private String slowPath(String whom) {
        return String.format(Locale.ROOT, """

                    .type sluice_slow_%1$s, %%function
                    .balign 16
                sluice_slow_%1$s:
                %2$s    .size sluice_slow_%1$s, . - sluice_slow_%1$s
                """, whom, processor.slowPath(whom));
    }
}
