package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;

import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Things taken away while work is pending, and processes that end. */
final class TeardownChecks {
    private static final long LONG_KERNEL_NS = 30_000_000;

    private TeardownChecks() {}

    static void declare(Suite suite) {
        Group contexts = suite.section(Section.CONTEXTS).apart("teardown");
        contexts.check("cuCtxDestroy/pending-kernel", "a context can be destroyed while a kernel runs", trial -> {
                    Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                    Pointer last = trial.function("last");
                    trial.launch(last, 1, trial.handleFrom("cuStreamCreate", 1), LONG_KERNEL_NS);
                    trial.ok("cuCtxDestroy", context);
                    works(trial);
                })
                .check("cuCtxDestroy/unfreed", "what was not freed in it is no trouble for other contexts", trial -> {
                    Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                    for (int i = 0; i < 50; i++) {
                        trial.longFrom("cuMemAlloc", 10_000L + i);
                        trial.handleFrom("cuStreamCreate", 0);
                        trial.handleFrom("cuEventCreate", 0);
                    }
                    trial.ok("cuCtxDestroy", context);
                    works(trial);
                })
                .check("cuCtxCreate/many", "a hundred contexts, one after the other, leave nothing behind", trial -> {
                    for (int i = 0; i < 100; i++) {
                        Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                        trial.longFrom("cuMemAlloc", 1L << 20);
                        trial.ok("cuCtxDestroy", context);
                    }
                    works(trial);
                })
                .check("cuCtxDestroy/other-process-pending", "a process may end while its kernel runs", trial -> {
                    trial.inAnotherProcess(Roles.LEAVE_KERNEL, "200000000");
                    works(trial);
                })
                .check(
                        "cuMemAlloc/other-process-ended",
                        "what a process held is free again when it has ended",
                        trial -> {
                            long bytes = trial.put("cuMemGetInfo", OUT).getLong(0) / 8 * 5;
                            for (int i = 0; i < 2; i++) {
                                String said = trial.inAnotherProcess(Roles.LEAVE_MEMORY, String.valueOf(bytes));
                                trial.that(said.equals("held"), "the other process says: " + said);
                            }
                        });
        suite.section(Section.MODULES)
                .check(
                        "cuModuleUnload/after-kernels",
                        "a module can be unloaded when its kernels were waited for",
                        trial -> {
                            Pointer module = trial.handleFrom("cuModuleLoadData", Kernels.image(Kernels.TEXT));
                            long memory = trial.memory(4);
                            trial.launch(trial.handleFrom("cuModuleGetFunction", module, "store"), 1, NULL, memory, 3);
                            trial.ok("cuCtxSynchronize");
                            trial.ok("cuModuleUnload", module);
                            trial.equal(3, trial.readInt(memory), "what the kernel stored");
                        });
    }

    private static void works(Trial trial) {
        long memory = trial.memory(4);
        trial.launch(trial.function("store"), 1, NULL, memory, 77);
        trial.equal(77, trial.readInt(memory), "what a kernel stored afterwards");
    }
}
