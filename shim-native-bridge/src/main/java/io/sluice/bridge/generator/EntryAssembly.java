package io.sluice.bridge.generator;

import io.sluice.bridge.api.DriverFunction.Entry;
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
    private final String prefix;

    EntryAssembly(Processor processor) {
        this.processor = processor;
        this.prefix = processor.prefix();
    }

    /** An exported function, and what its entry does. */
    record Export(String name, Entry entry) {}

    /** @param asked whom entries ask off their fast path, besides {@code resolve} */
    String generate(List<Export> exports, List<String> asked, String notice) {
        StringBuilder text = new StringBuilder("/* " + notice + " */\n    .text\n");
        for (int i = 0; i < exports.size(); i++) {
            text.append(entry(exports.get(i), i));
        }
        text.append(slowPath("resolve"));
        asked.forEach(whom -> text.append(slowPath(whom)));
        text.append(table("real", ".data"));
        for (int i = 0; i < exports.size(); i++) {
            text.append("    .quad sluice_unresolved_").append(i).append('\n');
        }
        text.append(table("entries", ".section .data.rel.ro,\"aw\""));
        for (Export export : exports) {
            text.append("    .quad sluice_entry_").append(export.name()).append('\n');
        }
        return text.append("\n    .section .note.GNU-stack,\"\",%progbits\n").toString();
    }

    private String entry(Export export, int number) {
        String body = switch (export.entry()) {
            case JUMP -> processor.jump(number);
            case CLOSE -> processor.close(number, "closing");
            case HOOK -> processor.branch(prefix + "_hook_" + export.name());
            case COUNT -> processor.count(UNGOVERNED_CALLS, number, "counted");
            case LAUNCH ->
                processor.unless(prefix + "_watched")
                        + processor.launch(LAUNCHES, number, "launched", prefix + "_hook_" + export.name());
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
                %5$s""", export.name(), processor.landing(), body, number, processor.ask(number, "resolve"));
    }

    private String slowPath(String whom) {
        return String.format(Locale.ROOT, """

                    .type %2$s_slow_%1$s, %%function
                    .balign 16
                %2$s_slow_%1$s:
                %3$s    .size %2$s_slow_%1$s, . - %2$s_slow_%1$s
                """, whom, prefix, processor.slowPath(whom));
    }

    private String table(String name, String section) {
        return String.format(Locale.ROOT, """

                    %3$s
                    .balign 64
                    .globl %1$s_%2$s
                    .hidden %1$s_%2$s
                %1$s_%2$s:
                """, prefix, name, section);
    }
}
