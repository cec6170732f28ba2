package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NOTHING;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.LAUNCH_OUT_OF_RESOURCES;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Expected;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import org.jspecify.annotations.Nullable;

/** Kernels launched, and launches refused. */
final class LaunchChecks {
    /** The documentation lists both and does not say which of them too large a block gets. */
    private static final Expected TOO_LARGE = INVALID_VALUE.or(LAUNCH_OUT_OF_RESOURCES);

    private static final int PARAM_BUFFER_POINTER = 1;
    private static final int PARAM_BUFFER_SIZE = 2;

    private LaunchChecks() {}

    static void declare(Suite suite) {
        Group launches = suite.section(Section.EXECUTION);
        grids(launches);
        parameters(launches);
        shared(launches);
        refusals(launches);
        LaunchKindChecks.declare(launches);
    }

    private static void grids(Group group) {
        int[][] shapes = {
            {1, 1, 1, 1, 1, 1}, {7, 1, 1, 33, 1, 1}, {3, 4, 5, 2, 3, 4}, {1, 1, 9, 1, 1, 64}, {300, 1, 1, 256, 1, 1}
        };
        for (int[] shape : shapes) {
            String name =
                    shape[0] + "x" + shape[1] + "x" + shape[2] + "-of-" + shape[3] + "x" + shape[4] + "x" + shape[5];
            int threads = shape[0] * shape[1] * shape[2] * shape[3] * shape[4] * shape[5];
            group.check("cuLaunchKernel/" + name, "each thread of each block runs once", trial -> {
                long memory = zeroed(trial);
                trial.ok("cuLaunchKernel", arguments(trial.function("count"), shape, 0, Kernels.parameters(memory)));
                trial.equal(threads, trial.readInt(memory), "threads that ran");
            });
        }
        group.check("cuLaunchKernel/dimensions", "the kernel sees the grid and the block that were given", trial -> {
            int[] shape = {5, 3, 2, 8, 4, 2};
            long memory = zeroed(trial);
            trial.ok("cuLaunchKernel", arguments(trial.function("shape"), shape, 0, Kernels.parameters(memory)));
            for (int i = 0; i < shape.length; i++) {
                trial.equal(shape[i], trial.readInt(memory + 4L * i), "dimension " + i);
            }
        });
    }

    private static void parameters(Group group) {
        group.check("cuLaunchKernel/parameters", "each parameter is copied by its own size", trial -> {
                    long memory = trial.memory(8);
                    trial.launch(trial.function("sum"), 1, NULL, memory, 3, 1L << 40, 5);
                    trial.equal(8, trial.readInt(memory), "the low half of the sum");
                    trial.equal(1 << 8, trial.readInt(memory + 4), "the high half of the sum");
                })
                .check("cuLaunchKernel/copied", "parameters may change once the call is back", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = trial.memory(4);
                    Pointer function = trial.function("store");
                    Memory parameters = Kernels.parameters(memory, 10);
                    var gate = trial.gate(stream);
                    trial.ok("cuLaunchKernel", function, 1, 1, 1, 1, 1, 1, 0, stream, parameters, NULL);
                    parameters.getPointer(8).setInt(0, 99);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(10, trial.readInt(memory), "what the kernel stored");
                })
                .check("cuLaunchKernel/extra", "parameters may come in one buffer, each at its alignment", trial -> {
                    long memory = trial.memory(8);
                    trial.ok(
                            "cuLaunchKernel",
                            trial.function("sum"),
                            1,
                            1,
                            1,
                            1,
                            1,
                            1,
                            0,
                            NULL,
                            NULL,
                            extra(
                                    trial,
                                    Struct.of(28)
                                            .i64(memory)
                                            .i32(3)
                                            .i64(1L << 40)
                                            .i32(5)
                                            .done()));
                    trial.equal(8, trial.readInt(memory), "the low half of the sum");
                    trial.equal(1 << 8, trial.readInt(memory + 4), "the high half of the sum");
                })
                .check("cuLaunchKernel/both-forms", "parameters in both forms at once are refused", trial -> {
                    long memory = trial.memory(8);
                    trial.expect(
                            INVALID_VALUE,
                            "cuLaunchKernel",
                            trial.function("store"),
                            1,
                            1,
                            1,
                            1,
                            1,
                            1,
                            0,
                            NULL,
                            Kernels.parameters(memory, 1),
                            extra(trial, Struct.of(12).i64(memory).i32(1).done()));
                })
                .check("cuLaunchKernel/no-parameters", "a kernel without parameters needs none", trial -> {
                    trial.ok("cuLaunchKernel", trial.function("nothing"), 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
                    trial.ok("cuCtxSynchronize");
                });
    }

    private static void shared(Group group) {
        group.check("cuLaunchKernel/dynamic-shared", "a block shares the dynamic memory that was asked for", trial -> {
                    long memory = trial.memory(4 * 64);
                    trial.ok(
                            "cuLaunchKernel",
                            arguments(
                                    trial.function("turn"),
                                    new int[] {1, 1, 1, 64, 1, 1},
                                    4 * 64,
                                    Kernels.parameters(memory)));
                    for (int i = 0; i < 64; i++) {
                        trial.equal(63 - i, trial.readInt(memory + 4L * i), "element " + i);
                    }
                })
                .check(
                        "cuLaunchKernel/too-much-shared",
                        "more shared memory than a block may have is refused",
                        trial -> {
                            int most = Math.max(
                                    trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK),
                                    trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
                            trial.expect(TOO_LARGE, "cuLaunchKernel", sharing(trial, "nothing", most + 1));
                        })
                .check("cuLaunchKernel/static-and-dynamic", "static shared memory counts as well", trial -> {
                    int most = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK);
                    trial.expect(TOO_LARGE, "cuLaunchKernel", sharing(trial, "narrow", most - 1023));
                })
                .check("cuLaunchKernel/opt-in", "beyond the usual limit a function has to be told first", trial -> {
                    int usual = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK);
                    int most = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
                    trial.applicableIf(most > usual, "the device has no more to opt in to");
                    @Nullable Object[] launch = sharing(trial, "nothing", most);
                    trial.expect(TOO_LARGE, "cuLaunchKernel", launch);
                    trial.ok("cuFuncSetAttribute", launch[0], FunctionChecks.MAX_DYNAMIC_SHARED_SIZE_BYTES, most);
                    trial.ok("cuLaunchKernel", launch);
                    trial.ok("cuCtxSynchronize");
                });
    }

    private static void refusals(Group group) {
        for (int dimension = 0; dimension < 6; dimension++) {
            int[] shape = {1, 1, 1, 1, 1, 1};
            shape[dimension] = 0;
            row(group, "zero-" + dimension, "no dimension of grid or block is 0", INVALID_VALUE, shape);
        }
        row(group, "grid-y", "a grid has a limited height", INVALID_VALUE, 1, 65_536 * 4, 1, 1, 1, 1);
        row(group, "grid-z", "a grid has a limited depth", INVALID_VALUE, 1, 1, 65_536 * 4, 1, 1, 1);
        row(group, "block-x", "a block has a limited width", TOO_LARGE, 1, 1, 1, 1025, 1, 1);
        row(group, "block-z", "a block has a limited depth", TOO_LARGE, 1, 1, 1, 1, 1, 65);
        row(group, "block-threads", "a block has a limited number of threads", TOO_LARGE, 1, 1, 1, 64, 64, 1);
        group.check(
                        "cuLaunchKernel/kernel-threads",
                        "a kernel's own limit of threads holds",
                        trial -> trial.expect(
                                TOO_LARGE,
                                "cuLaunchKernel",
                                arguments(
                                        trial.function("narrow"),
                                        new int[] {1, 1, 1, 65, 1, 1},
                                        0,
                                        Kernels.parameters(trial.memory(4)))))
                .answers(
                        REFUSED_HANDLE,
                        "cuLaunchKernel/null",
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
                        NULL,
                        NULL)
                .check(
                        "cuLaunchKernel/after-refusal",
                        "a launch that was refused leaves the context in order",
                        trial -> {
                            trial.expect(
                                    INVALID_VALUE, "cuLaunchKernel", NOTHING, 0, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
                            long memory = trial.memory(4);
                            trial.launch(trial.function("store"), 1, NULL, memory, 12);
                            trial.equal(12, trial.readInt(memory), "what the next kernel stored");
                        });
    }

    private static void row(Group group, String name, String statement, Expected expected, int... shape) {
        group.check(
                "cuLaunchKernel/" + name,
                statement + ", and a launch beyond it is refused",
                trial ->
                        trial.expect(expected, "cuLaunchKernel", arguments(trial.function("nothing"), shape, 0, NULL)));
    }

    private static @Nullable Object[] arguments(
            Pointer function, int[] shape, int shared, @Nullable Object parameters) {
        return new @Nullable Object[] {
            function, shape[0], shape[1], shape[2], shape[3], shape[4], shape[5], shared, NULL, parameters, NULL
        };
    }

    private static @Nullable Object[] sharing(Trial trial, String kernel, int bytes) {
        return arguments(
                trial.function(kernel), new int[] {1, 1, 1, 1, 1, 1}, bytes, Kernels.parameters(trial.memory(4)));
    }

    private static Memory extra(Trial trial, Memory buffer) {
        Memory bytes = trial.keep(Struct.of(8).i64(buffer.size()).done());
        trial.keep(buffer);
        return Struct.of(40)
                .i64(PARAM_BUFFER_POINTER)
                .pointer(buffer)
                .i64(PARAM_BUFFER_SIZE)
                .pointer(bytes)
                .done();
    }

    static long zeroed(Trial trial) {
        long memory = trial.memory(64);
        trial.write(memory, new byte[64]);
        return memory;
    }
}
