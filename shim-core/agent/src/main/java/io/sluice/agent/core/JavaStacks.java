package io.sluice.agent.core;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Java stacks by the id of the OS thread, which no public API gives: they are read from the thread dump that the
 * diagnostic command {@code Thread.print} makes. It is called directly and not through the platform's MBean server: that
 * takes ten times as long to start, and would be started before the application has said which one it wants.
 */
final class JavaStacks {
    private static final String PACKAGE = "com.sun.management.internal";
    private static final Pattern THREAD = Pattern.compile("^\"(.*)\" .*\\bnid=(0x[0-9a-f]+|[0-9]+) ");
    private static final String FRAME = "\tat ";

    private final Object commands;
    private final Method execute;

    private JavaStacks(Object commands, Method execute) {
        this.commands = commands;
        this.execute = execute;
    }

    /**
     * What a thread was doing.
     *
     * @param thread its name, without control characters
     * @param frames as a thread dump has them, the call that was made last first
     */
    record Stack(String thread, List<String> frames) {}

    /** Empty in a JVM that has no such command: it lacks the module jdk.management, or is not HotSpot. */
    static Optional<JavaStacks> prepare(Instrumentation instrumentation) {
        try {
            Module management = ModuleLayer.boot().findModule("jdk.management").orElseThrow();
            Set<Module> ourselves = Set.of(JavaStacks.class.getModule());
            instrumentation.redefineModule(
                    management, Set.of(), Map.of(), Map.of(PACKAGE, ourselves), Set.of(), Map.of());
            Class.forName(PACKAGE + ".PlatformMBeanProviderImpl"); // loads the native half
            Class<?> type = Class.forName(PACKAGE + ".DiagnosticCommandImpl");
            Method find = type.getDeclaredMethod("getDiagnosticCommandMBean");
            find.setAccessible(true);
            Method execute = type.getDeclaredMethod("executeDiagnosticCommand", String.class);
            execute.setAccessible(true);
            JavaStacks stacks = new JavaStacks(find.invoke(null), execute);
            stacks.dump().of(0); // the first of a JVM takes longest
            return Optional.of(stacks);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return Optional.empty();
        }
    }

    /** All threads as they stand: the part that a denied thread has to wait for. */
    Dump dump() {
        try {
            return new Dump(String.valueOf(execute.invoke(commands, "Thread.print")));
        } catch (IllegalAccessException | InvocationTargetException e) {
            return new Dump("");
        }
    }

    /** What all threads were doing at one moment. */
    record Dump(String text) {
        /** Empty for a thread that is no Java thread. Its id is hexadecimal up to JDK 20, decimal from then on. */
        Optional<Stack> of(int osThread) {
            String[] lines = text.split("\n");
            for (int i = 0; i < lines.length; i++) {
                Matcher thread = THREAD.matcher(lines[i]);
                if (lines[i].startsWith("\"") && thread.find() && Integer.decode(thread.group(2)) == osThread) {
                    String name = thread.group(1).replaceAll("\\p{Cntrl}", "?");
                    return Optional.of(new Stack(name, frames(lines, i + 1)));
                }
            }
            return Optional.empty();
        }
    }

    private static List<String> frames(String[] lines, int start) {
        List<String> frames = new ArrayList<>();
        for (int i = start; i < lines.length && !lines[i].isBlank(); i++) {
            if (lines[i].startsWith(FRAME)) {
                frames.add(lines[i]);
            }
        }
        return frames;
    }
}
