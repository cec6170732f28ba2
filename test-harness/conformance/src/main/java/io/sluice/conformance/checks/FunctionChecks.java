package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NOTHING;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.SUCCESS;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** What a function says of itself, and what can be set for it. */
final class FunctionChecks {
    static final int MAX_THREADS_PER_BLOCK = 0;
    static final int SHARED_SIZE_BYTES = 1;
    static final int NUM_REGS = 4;
    static final int PTX_VERSION = 5;
    static final int BINARY_VERSION = 6;
    static final int MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;
    static final int PREFERRED_SHARED_MEMORY_CARVEOUT = 9;
    static final int NO_ATTRIBUTE = 9_999;

    private FunctionChecks() {}

    static void declare(Suite suite) {
        Group functions = suite.section(Section.EXECUTION);
        attributes(functions);
        settable(functions);
    }

    private static void attributes(Group group) {
        group.check(
                        "cuFuncGetAttribute/maxntid",
                        "the kernel's own limit of threads is a limit of its blocks",
                        trial -> {
                            trial.equal(64, get(trial, MAX_THREADS_PER_BLOCK, trial.function("narrow")), "threads");
                        })
                .check("cuFuncGetAttribute/threads", "no function takes more threads than the device", trial -> {
                    int threads = get(trial, MAX_THREADS_PER_BLOCK, trial.function("nothing"));
                    trial.that(
                            threads > 0 && threads <= trial.attribute(Attribute.MAX_THREADS_PER_BLOCK),
                            "it takes " + threads);
                })
                .check("cuFuncGetAttribute/shared", "is the static shared memory of the kernel", trial -> {
                    int none = get(trial, SHARED_SIZE_BYTES, trial.function("nothing"));
                    int some = get(trial, SHARED_SIZE_BYTES, trial.function("narrow"));
                    trial.equal(1024, some - none, "shared memory over that of a kernel without any");
                })
                .check("cuFuncGetAttribute/registers", "a kernel has from 1 to the device's registers", trial -> {
                    int registers = get(trial, NUM_REGS, trial.function("shape"));
                    trial.that(
                            registers > 0 && registers <= trial.attribute(Attribute.MAX_REGISTERS_PER_BLOCK),
                            "it has " + registers);
                })
                .check("cuFuncGetAttribute/ptx", "is the PTX target for which the kernel was written", trial -> {
                    trial.equal(50, get(trial, PTX_VERSION, trial.function("nothing")), "the PTX version");
                })
                .check("cuFuncGetAttribute/binary", "code that was compiled at load is for this device", trial -> {
                    int capability = 10 * trial.attribute(Attribute.COMPUTE_CAPABILITY_MAJOR)
                            + trial.attribute(Attribute.COMPUTE_CAPABILITY_MINOR);
                    trial.equal(
                            capability, get(trial, BINARY_VERSION, trial.function("nothing")), "the binary version");
                })
                .answers(INVALID_VALUE, "cuFuncGetAttribute/unknown", "no attribute", OUT, NO_ATTRIBUTE, NOTHING)
                .answers(INVALID_VALUE, "cuFuncGetAttribute/null", "the place must not be NULL", NULL, 0, NOTHING)
                .answers(REFUSED_HANDLE, "cuFuncGetAttribute/null-function", "NULL is no function", OUT, 0, NULL);
    }

    private static void settable(Group group) {
        group.check(
                        "cuFuncSetAttribute/dynamic-shared",
                        "the most of dynamic shared memory can be raised and read back",
                        trial -> {
                            Pointer function = trial.function("turn");
                            int wanted = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
                            trial.applicableIf(wanted > 0, "the device tells no more shared memory to opt in to");
                            trial.ok("cuFuncSetAttribute", function, MAX_DYNAMIC_SHARED_SIZE_BYTES, wanted);
                            trial.equal(wanted, get(trial, MAX_DYNAMIC_SHARED_SIZE_BYTES, function), "the limit");
                        })
                .check(
                        "cuFuncSetAttribute/too-much-shared",
                        "static and dynamic shared memory have to fit the device",
                        trial -> {
                            int most = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
                            trial.applicableIf(most > 0, "the device tells no more shared memory to opt in to");
                            trial.expect(
                                    INVALID_VALUE,
                                    "cuFuncSetAttribute",
                                    trial.function("narrow"),
                                    MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                    most - 1023);
                        })
                .answers(
                        INVALID_VALUE,
                        "cuFuncSetAttribute/read-only",
                        "what can only be read cannot be set",
                        NOTHING,
                        NUM_REGS,
                        32)
                .answers(
                        SUCCESS,
                        "cuFuncSetAttribute/carveout",
                        "how much of the cache is to be shared memory is a wish in percent",
                        NOTHING,
                        PREFERRED_SHARED_MEMORY_CARVEOUT,
                        50)
                .answers(
                        INVALID_VALUE,
                        "cuFuncSetAttribute/carveout-beyond",
                        "there is no more than 100 percent",
                        NOTHING,
                        PREFERRED_SHARED_MEMORY_CARVEOUT,
                        101)
                .answers(REFUSED_HANDLE, "cuFuncSetAttribute/null-function", "NULL is no function", NULL, 8, 0)
                .answers(SUCCESS, "cuFuncSetCacheConfig/shared", "any documented preference may be set", NOTHING, 1)
                .answers(INVALID_VALUE, "cuFuncSetCacheConfig/unknown", "no preference", NOTHING, 77)
                .answers(REFUSED_HANDLE, "cuFuncSetCacheConfig/null-function", "NULL is no function", NULL, 1);
    }

    static int get(Trial trial, int attribute, Pointer function) {
        return trial.intFrom("cuFuncGetAttribute", attribute, function);
    }
}
