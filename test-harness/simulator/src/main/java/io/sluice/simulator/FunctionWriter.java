package io.sluice.simulator;

import io.sluice.bridge.api.DriverFunction;
import io.sluice.bridge.api.DriverFunction.DefaultStream;
import io.sluice.bridge.api.DriverFunction.Parameter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes prototypes, per-thread variants and stubs. */
final class FunctionWriter {
    private static final String FROM = "// Generated from cuda-driver-api.tsv by GenerateDriver.\n";
    private static final String EXPORTED = "__attribute__((visibility(\"default\"))) ";

    private final List<DriverFunction> exported;
    private final Map<String, DriverFunction> byName;
    private final Set<String> handwritten;

    FunctionWriter(List<DriverFunction> exported, Set<String> handwritten) throws IOException {
        this.exported = exported;
        this.handwritten = handwritten;
        this.byName = exported.stream().collect(Collectors.toMap(DriverFunction::name, Function.identity()));
        Set<String> unknown = new TreeSet<>(handwritten);
        unknown.removeAll(byName.keySet());
        if (!unknown.isEmpty()) {
            throw new IOException("the simulated driver defines " + unknown + ", which the 535 driver does not export");
        }
    }

    String prototypes() {
        StringBuilder text = new StringBuilder(FROM);
        for (DriverFunction function : exported) {
            if (isImplemented(function)) {
                text.append(EXPORTED).append(signature(function, false)).append(";\n");
            }
        }
        return text.toString();
    }

    String perThreadVariants() {
        StringBuilder text = new StringBuilder(FROM)
                .append(
                        "// Stream argument 0, or no stream argument, means the calling thread's default stream here.\n")
                .append("#include \"driver/api.h\"\n#include \"driver/context.h\"\n");
        for (DriverFunction function : exported) {
            if (hasVariant(function)) {
                String arguments = IntStream.range(0, function.parameters().size())
                        .mapToObj(i -> "a" + i)
                        .collect(Collectors.joining(", "));
                text.append('\n').append(signature(function, true)).append(" {\n");
                text.append("    per_thread_begin();\n");
                text.append("    CUresult result = %s(%s);\n".formatted(legacyName(function), arguments));
                text.append("    per_thread_end();\n    return result;\n}\n");
            }
        }
        return text.toString();
    }

    String stubs() {
        StringBuilder text = new StringBuilder(FROM)
                .append("// Names that the 535 driver exports and the simulated GPU does not implement.\n\n")
                .append("enum { NOT_SUPPORTED = 801 };\n");
        for (DriverFunction function : exported) {
            if (!isImplemented(function)) {
                text.append("\n%sint %s(void);\nint %s(void) {\n    return NOT_SUPPORTED;\n}\n"
                        .formatted(EXPORTED, function.name(), function.name()));
            }
        }
        return text.toString();
    }

    /** Whether the function does what it is documented to do; all others answer that they are not supported. */
    boolean isImplemented(DriverFunction function) {
        return handwritten.contains(function.name()) || hasVariant(function);
    }

    /** Whether this is the per-thread variant of a handwritten function, and not handwritten itself. */
    private boolean hasVariant(DriverFunction function) {
        return function.stream() == DefaultStream.PER_THREAD
                && !handwritten.contains(function.name())
                && handwritten.contains(legacyName(function));
    }

    private static String legacyName(DriverFunction function) {
        return function.name().substring(0, function.name().lastIndexOf('_'));
    }

    private static String signature(DriverFunction function, boolean named) {
        List<Parameter> parameters = function.parameters();
        String list = IntStream.range(0, parameters.size())
                .mapToObj(i -> parameters.get(i).type() + (named ? " a" + i : ""))
                .collect(Collectors.joining(", "));
        return "CUresult " + function.name() + "(" + (list.isEmpty() ? "void" : list) + ")";
    }
}
