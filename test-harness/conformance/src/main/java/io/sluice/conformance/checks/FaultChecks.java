package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.ASSERT;
import static io.sluice.conformance.Result.ILLEGAL_ADDRESS;
import static io.sluice.conformance.Result.ILLEGAL_INSTRUCTION;
import static io.sluice.conformance.Result.LAUNCH_FAILED;
import static io.sluice.conformance.Result.MISALIGNED_ADDRESS;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Expected;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Result;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Kernels that go wrong. What they break stays broken, so each kind has a process of its own. */
final class FaultChecks {
    /** In a window that no allocation is ever in. */
    private static final long NOWHERE = 0x10;

    private FaultChecks() {}

    static void declare(Suite suite) {
        new Fault("illegal-address", ILLEGAL_ADDRESS, trial -> launchStore(trial, NOWHERE)).declare(suite);
        new Fault("freed-memory", ILLEGAL_ADDRESS, FaultChecks::launchOnFreed).declare(suite);
        new Fault("misaligned", MISALIGNED_ADDRESS, trial -> launchStore(trial, trial.memory(64) + 2)).declare(suite);
        // Which of the two depends on the device's generation.
        new Fault(
                        "trap",
                        LAUNCH_FAILED.or(ILLEGAL_INSTRUCTION),
                        trial -> trial.launch(trial.function("trapped"), 1, NULL))
                .declare(suite);
        new Fault("assert", ASSERT, FaultChecks::launchAssert).declare(suite);
    }

    private static void launchStore(Trial trial, long address) {
        trial.launch(trial.function("store"), 1, NULL, address, 1);
    }

    /** Large, so that it had pages of its own. */
    private static void launchOnFreed(Trial trial) {
        long memory = trial.longFrom("cuMemAlloc", 256L << 20);
        trial.ok("cuMemFree", memory);
        launchStore(trial, memory + (128L << 20));
    }

    private static void launchAssert(Trial trial) {
        Memory module = trial.room(8);
        int result = trial.call("cuModuleLoadData", module, Kernels.image(Kernels.ASSERTING));
        trial.supportedIf(result == 0, "a call of __assertfail, which nvcc makes, is refused at load");
        trial.launch(trial.handleFrom("cuModuleGetFunction", module.getPointer(0), "asserting"), 1, NULL);
    }

    /** One kind of fault, done once in its process, by whichever check comes first. */
    private static final class Fault {
        private final String name;
        private final Expected expected;
        private final Consumer<Trial> launch;
        private boolean done;
        private boolean caused;
        private @Nullable Pointer function;
        private long memory;
        private int first;

        Fault(String name, Expected expected, Consumer<Trial> launch) {
            this.name = name;
            this.expected = expected;
            this.launch = launch;
        }

        void declare(Suite suite) {
            Group contexts = suite.section(Section.CONTEXTS).apart("fault: " + name);
            contexts.check("cuCtxSynchronize/" + name, "reports that a kernel before it failed, and how", trial -> {
                happen(trial);
                trial.that(
                        expected.allows(first), "expected " + expected.describe() + ", got " + Result.describe(first));
            });
            stays(contexts, "cuCtxSynchronize");
            Group memories = suite.section(Section.MEMORY).apart("fault: " + name);
            stays(memories, "cuMemAlloc", OUT, 512L);
            memories.check("cuMemcpyDtoH/" + name, statement(), trial -> {
                happen(trial);
                trial.expect(expected, "cuMemcpyDtoH", OUT, memory, 4L);
            });
            Group execution = suite.section(Section.EXECUTION).apart("fault: " + name);
            execution.check("cuLaunchKernel/" + name, statement(), trial -> {
                happen(trial);
                trial.expect(expected, "cuLaunchKernel", function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
            });
            Group streams = suite.section(Section.STREAMS).apart("fault: " + name);
            stays(streams, "cuStreamSynchronize", NULL);
            stays(streams, "cuStreamQuery", NULL);
            others(suite.section(Section.CONTEXTS).apart("fault: " + name));
        }

        private void stays(Group group, String function, @Nullable Object... arguments) {
            group.check(
                    function + (function.equals("cuCtxSynchronize") ? "/again-" : "/") + name, statement(), trial -> {
                        happen(trial);
                        trial.expect(expected, function, arguments);
                    });
        }

        private String statement() {
            return "after the fault any further work gets the same error";
        }

        private void others(Group group) {
            group.check(
                    "cuCtxCreate/other-process-" + name, "another process computes as if nothing had been", trial -> {
                        happen(trial);
                        String said = trial.inAnotherProcess(Roles.COMPUTE, "31");
                        trial.that(said.equals("31"), "the other process says: " + said);
                    });
        }

        private void happen(Trial trial) {
            if (done) {
                trial.applicableIf(caused, "the kernel could not be launched: see cuCtxSynchronize/" + name);
                return;
            }
            done = true;
            function = trial.handleFrom(
                    "cuModuleGetFunction",
                    trial.handleFrom("cuModuleLoadData", Kernels.image(Kernels.TEXT)),
                    "nothing");
            memory = trial.longFrom("cuMemAlloc", 4096L);
            trial.expect(SUCCESS, "cuCtxSynchronize");
            launch.accept(trial);
            caused = true;
            first = trial.call("cuCtxSynchronize");
        }
    }
}
