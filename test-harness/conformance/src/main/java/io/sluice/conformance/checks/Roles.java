package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;

import com.sun.jna.Pointer;
import io.sluice.conformance.IpcHandle;
import io.sluice.conformance.OtherProcess.Role;
import io.sluice.conformance.Result;
import io.sluice.conformance.Trial;
import java.util.List;
import java.util.Map;

/** What other processes of the checks do. */
public final class Roles {
    static final String COMPUTE = "compute";
    static final String LEAVE_KERNEL = "leave-kernel";
    static final String LEAVE_MEMORY = "leave-memory";
    static final String READ_MEMORY = "read-memory";
    static final String WRITE_MEMORY = "write-memory";
    static final String CLOSE_TWICE = "close-twice";
    static final String WAIT_FOR_EVENT = "wait-for-event";
    static final String ASK_EVENT = "ask-event";

    private static final Map<String, Role> BY_NAME = Map.of(
            COMPUTE, Roles::compute,
            LEAVE_KERNEL, Roles::leaveKernel,
            LEAVE_MEMORY, Roles::leaveMemory,
            READ_MEMORY, Roles::readMemory,
            WRITE_MEMORY, Roles::writeMemory,
            CLOSE_TWICE, Roles::closeTwice,
            WAIT_FOR_EVENT, (trial, arguments) -> askEvent(trial, "cuEventSynchronize", arguments),
            ASK_EVENT, (trial, arguments) -> askEvent(trial, "cuEventQuery", arguments));

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

    private static String readMemory(Trial trial, List<String> arguments) {
        return String.valueOf(trial.readInt(open(trial, arguments)));
    }

    private static String writeMemory(Trial trial, List<String> arguments) {
        long memory = open(trial, arguments);
        trial.launch(trial.function("store"), 1, NULL, memory, Integer.parseInt(arguments.get(1)));
        trial.ok("cuCtxSynchronize");
        trial.ok("cuIpcCloseMemHandle", memory);
        return "written";
    }

    private static String closeTwice(Trial trial, List<String> arguments) {
        long memory = open(trial, arguments);
        trial.ok("cuIpcCloseMemHandle", memory);
        return trial.call("cuIpcCloseMemHandle", memory) == 0 ? "closed twice" : "refused";
    }

    /** Says the result. */
    private static String askEvent(Trial trial, String function, List<String> arguments) {
        Pointer event = trial.handleFrom("cuIpcOpenEventHandle", IpcHandle.ofHex(arguments.get(0)));
        return Result.describe(trial.call(function, event));
    }

    private static long open(Trial trial, List<String> arguments) {
        return trial.longFrom(
                "cuIpcOpenMemHandle", IpcHandle.ofHex(arguments.get(0)), IpcChecks.LAZY_ENABLE_PEER_ACCESS);
    }
}
