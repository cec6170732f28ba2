package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;

import io.sluice.conformance.OtherProcess.Role;
import io.sluice.conformance.Trial;
import java.util.List;
import java.util.Map;

/** What other processes of the checks do. */
public final class Roles {
    static final String COMPUTE = "compute";
    static final String LEAVE_KERNEL = "leave-kernel";
    static final String LEAVE_MEMORY = "leave-memory";

    private static final Map<String, Role> BY_NAME = Map.of(
            COMPUTE, Roles::compute,
            LEAVE_KERNEL, Roles::leaveKernel,
            LEAVE_MEMORY, Roles::leaveMemory);

    private Roles() {}

    public static Role named(String name) {
        Role role = BY_NAME.get(name);
        if (role == null) {
            throw new IllegalArgumentException("there is no role '" + name + "'");
        }
        return role;
    }

    /** Says what a kernel stored. */
    private static String compute(Trial trial, List<String> arguments) {
        long memory = trial.memory(4);
        trial.launch(trial.function("store"), 1, NULL, memory, Integer.parseInt(arguments.get(0)));
        return String.valueOf(trial.readInt(memory));
    }

    /** Ends while a kernel of so many nanoseconds runs. */
    private static String leaveKernel(Trial trial, List<String> arguments) {
        trial.launch(trial.function("last"), 1, NULL, Long.parseLong(arguments.get(0)));
        return "left";
    }

    /** Ends without freeing what it allocated. */
    private static String leaveMemory(Trial trial, List<String> arguments) {
        trial.ok("cuMemAlloc", OUT, Long.parseLong(arguments.get(0)));
        return "held";
    }
}
