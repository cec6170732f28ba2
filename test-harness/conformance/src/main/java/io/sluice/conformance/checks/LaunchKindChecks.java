package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NOTHING;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Result.COOPERATIVE_LAUNCH_TOO_LARGE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Struct;
import org.jspecify.annotations.Nullable;

/** Launches that are more than a function and its parameters, and those of old. */
final class LaunchKindChecks {
    private static final int ATTRIBUTE_COOPERATIVE = 2;
    private static final int ATTRIBUTE_BYTES = 72;
    private static final int CONFIG_BYTES = 56;

    private LaunchKindChecks() {}

    static void declare(Group launches) {
        extended(launches);
        cooperative(launches.promisedBy(Attribute.COOPERATIVE_LAUNCH));
        deprecated(launches.leftOpen());
    }

    private static void extended(Group group) {
        group.check("cuLaunchKernelEx/plain", "without attributes is a launch like any other", trial -> {
                    long memory = trial.memory(4);
                    Memory config = config(1, 1, NULL, 0);
                    trial.ok("cuLaunchKernelEx", config, trial.function("store"), Kernels.parameters(memory, 13), NULL);
                    trial.equal(13, trial.readInt(memory), "what the kernel stored");
                })
                .check("cuLaunchKernelEx/stream", "the stream is that of the configuration", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = trial.memory(4);
                    Memory config = Struct.of(CONFIG_BYTES)
                            .i32(1, 1, 1, 1, 1, 1, 0)
                            .pointer(stream)
                            .done();
                    Pointer function = trial.function("store");
                    var gate = trial.gate(stream);
                    trial.ok("cuLaunchKernelEx", config, function, Kernels.parameters(memory, 14), NULL);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(14, trial.readInt(memory), "what the kernel stored");
                })
                .answers(
                        INVALID_VALUE,
                        "cuLaunchKernelEx/null",
                        "the configuration must not be NULL",
                        NULL,
                        NOTHING,
                        NULL,
                        NULL);
        group.promisedBy(Attribute.COOPERATIVE_LAUNCH)
                .check(
                        "cuLaunchKernelEx/cooperative",
                        "an attribute makes it a cooperative launch, with its limit",
                        trial -> {
                            Memory attribute = trial.keep(Struct.of(ATTRIBUTE_BYTES)
                                    .i32(ATTRIBUTE_COOPERATIVE, 0, 1)
                                    .done());
                            Pointer function = trial.function("nothing");
                            trial.ok("cuLaunchKernelEx", config(1, 1, attribute, 1), function, NULL, NULL);
                            trial.expect(
                                    COOPERATIVE_LAUNCH_TOO_LARGE,
                                    "cuLaunchKernelEx",
                                    config(1_000_000, 64, attribute, 1),
                                    function,
                                    NULL,
                                    NULL);
                        });
    }

    private static void cooperative(Group group) {
        group.check("cuLaunchCooperativeKernel/fits", "a grid that fits the device at once is launched", trial -> {
                    long memory = LaunchChecks.zeroed(trial);
                    int blocks = trial.attribute(Attribute.MULTIPROCESSOR_COUNT);
                    trial.ok(
                            "cuLaunchCooperativeKernel",
                            trial.function("count"),
                            blocks,
                            1,
                            1,
                            32,
                            1,
                            1,
                            0,
                            NULL,
                            Kernels.parameters(memory));
                    trial.equal(32L * blocks, trial.readInt(memory), "threads that ran");
                })
                .check("cuLaunchCooperativeKernel/too-large", "a grid that does not fit at once is refused", trial -> {
                    Pointer function = trial.function("nothing");
                    int perProcessor = trial.intFrom("cuOccupancyMaxActiveBlocksPerMultiprocessor", function, 64, 0L);
                    int blocks = perProcessor * trial.attribute(Attribute.MULTIPROCESSOR_COUNT);
                    trial.ok("cuLaunchCooperativeKernel", function, blocks, 1, 1, 64, 1, 1, 0, NULL, NULL);
                    trial.expect(
                            COOPERATIVE_LAUNCH_TOO_LARGE,
                            "cuLaunchCooperativeKernel",
                            function,
                            blocks + 1,
                            1,
                            1,
                            64,
                            1,
                            1,
                            0,
                            NULL,
                            NULL);
                })
                .answers(
                        REFUSED_HANDLE,
                        "cuLaunchCooperativeKernel/null",
                        "NULL is no function",
                        NULL,
                        1,
                        1,
                        1,
                        1,
                        1,
                        1,
                        0,
                        NULL,
                        NULL);
    }

    private static void deprecated(Group group) {
        group.check(
                "cuLaunchGrid/old-way", "a launch in the deprecated steps gives its parameters one by one", trial -> {
                    long memory = trial.memory(4);
                    Pointer function = trial.function("store");
                    trial.ok("cuFuncSetBlockShape", function, 1, 1, 1);
                    trial.ok(
                            "cuParamSetv", function, 0, Struct.of(8).i64(memory).done(), 8);
                    trial.ok("cuParamSeti", function, 8, 15);
                    trial.ok("cuParamSetSize", function, 12);
                    trial.ok("cuLaunchGrid", function, 1, 1);
                    trial.equal(15, trial.readInt(memory), "what the kernel stored");
                });
    }

    private static Memory config(int blocks, int threads, @Nullable Pointer attributes, int count) {
        return Struct.of(CONFIG_BYTES)
                .i32(blocks, 1, 1, threads, 1, 1, 0)
                .pointer(NULL, attributes)
                .i32(count)
                .done();
    }
}
