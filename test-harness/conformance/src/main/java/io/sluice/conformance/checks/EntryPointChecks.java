package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_FOUND;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import org.jspecify.annotations.Nullable;

/** Functions by their names and versions. */
final class EntryPointChecks {
    private static final int CUDA_12 = 12_000;
    private static final long LEGACY_STREAM = 1;
    private static final long PER_THREAD_STREAM = 2;
    private static final int FOUND = 0;
    private static final int SYMBOL_NOT_FOUND = 1;
    private static final int VERSION_NOT_SUFFICIENT = 2;

    private record Answer(@Nullable Pointer function, int status) {}

    private EntryPointChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.ENTRY_POINTS);
        finding(group);
        versions(group);
        refusals(group);
    }

    private static void finding(Group group) {
        for (String name :
                new String[] {"cuInit", "cuMemAlloc", "cuLaunchKernel", "cuStreamSynchronize", "cuGetProcAddress"}) {
            group.check("cuGetProcAddress/" + name, "finds the function and says so", trial -> {
                Answer answer = ask(trial, name, CUDA_12, 0);
                trial.equal(FOUND, answer.status(), "the status");
                trial.that(answer.function() != null, "no function");
            });
        }
        group.check("cuGetProcAddress/works", "what it finds can be called", trial -> {
                    Pointer found = ask(trial, "cuDriverGetVersion", CUDA_12, 0).function();
                    Memory version = trial.room(4);
                    trial.equal(0, Function.getFunction(found).invokeInt(new Object[] {version}), "the result");
                    trial.equal(trial.intFrom("cuDriverGetVersion"), version.getInt(0), "the version");
                })
                .check(
                        "cuGetProcAddress/per-thread",
                        "the flag for per-thread streams finds another function",
                        trial -> {
                            Pointer legacy = ask(trial, "cuStreamQuery", CUDA_12, LEGACY_STREAM)
                                    .function();
                            Pointer perThread = ask(trial, "cuStreamQuery", CUDA_12, PER_THREAD_STREAM)
                                    .function();
                            trial.that(
                                    legacy != null && perThread != null && !legacy.equals(perThread),
                                    "the same function for both flags");
                        })
                .check(
                        "cuGetProcAddress/per-thread-works",
                        "the one for per-thread streams means the thread's own",
                        trial -> {
                            Pointer query = ask(trial, "cuStreamQuery", CUDA_12, PER_THREAD_STREAM)
                                    .function();
                            var gate = trial.gate(StreamChecks.PER_THREAD);
                            trial.equal(
                                    600,
                                    Function.getFunction(query).invokeInt(new Object[] {NULL}),
                                    "the result while the thread's stream has work");
                            gate.open();
                        })
                .check(
                        "cuGetProcAddress/per-thread-falls-back",
                        "without such a version the flag finds the usual one",
                        trial -> {
                            Pointer legacy = ask(trial, "cuMemAlloc", CUDA_12, LEGACY_STREAM)
                                    .function();
                            Pointer perThread = ask(trial, "cuMemAlloc", CUDA_12, PER_THREAD_STREAM)
                                    .function();
                            trial.that(legacy != null && legacy.equals(perThread), "another function, or none");
                        })
                .check(
                        "cuGetProcAddress/status-optional",
                        "the place for the status may be NULL",
                        trial -> trial.ok("cuGetProcAddress", "cuInit", OUT, CUDA_12, 0L, NULL));
    }

    private static void versions(Group group) {
        group.check("cuGetProcAddress/old-version", "before it was introduced a function is not to be had", trial -> {
                    Answer answer = ask(trial, "cuMemAllocAsync", 11_000, 0);
                    trial.that(answer.function() == null, "a function of 11.2 for 11.0");
                    trial.equal(VERSION_NOT_SUFFICIENT, answer.status(), "the status");
                })
                .check("cuGetProcAddress/first-version", "from the version that introduced it on, it is", trial -> {
                    Answer answer = ask(trial, "cuMemAllocAsync", 11_020, 0);
                    trial.that(answer.function() != null, "no function of 11.2 for 11.2");
                })
                .check(
                        "cuGetProcAddress/two-versions",
                        "the version asked for decides between two of a name",
                        trial -> {
                            Pointer old = ask(trial, "cuStreamBeginCapture", 10_000, 0)
                                    .function();
                            Pointer current = ask(trial, "cuStreamBeginCapture", CUDA_12, 0)
                                    .function();
                            trial.that(old != null && current != null && !old.equals(current), "the same, or none");
                        })
                .check(
                        "cuGetProcAddress/of-its-version",
                        "for 11 it finds itself in the version of four arguments",
                        trial -> {
                            Pointer old =
                                    ask(trial, "cuGetProcAddress", 11_030, 0).function();
                            Memory found = trial.room(8);
                            Function function = Function.getFunction(old);
                            trial.equal(
                                    0, function.invokeInt(new Object[] {"cuInit", found, CUDA_12, 0L}), "the result");
                            trial.that(found.getPointer(0) != null, "no function");
                        });
    }

    private static void refusals(Group group) {
        // NVIDIA's documentation says success and NULL; drivers of 11 and 12 answer that it is not found.
        group.check(
                        "cuGetProcAddress/unknown",
                        "a name that there is not gives NULL, and the status says so",
                        trial -> {
                            Answer answer = ask(trial, "cuNoSuchFunction", CUDA_12, 0);
                            trial.that(answer.function() == null, "a function");
                            trial.equal(SYMBOL_NOT_FOUND, answer.status(), "the status");
                        })
                .check(
                        "cuGetProcAddress/suffix",
                        "names carry no version of their own",
                        trial -> trial.that(
                                ask(trial, "cuMemAlloc_v2", CUDA_12, 0).function() == null, "found cuMemAlloc_v2"))
                .answers(
                        INVALID_VALUE,
                        "cuGetProcAddress/null",
                        "the place must not be NULL",
                        "cuInit",
                        NULL,
                        CUDA_12,
                        0L,
                        NULL)
                .answers(
                        INVALID_VALUE,
                        "cuGetProcAddress/null-name",
                        "the name must not be NULL",
                        NULL,
                        OUT,
                        CUDA_12,
                        0L,
                        NULL)
                .answers(
                        INVALID_VALUE,
                        "cuGetProcAddress/flags",
                        "a flag that there is not",
                        "cuInit",
                        OUT,
                        CUDA_12,
                        0x100L,
                        NULL);
    }

    private static Answer ask(Trial trial, String name, int version, long flags) {
        Memory function = trial.room(8);
        Memory status = trial.room(4);
        function.setLong(0, 1);
        status.setInt(0, -1);
        trial.expect(SUCCESS.or(NOT_FOUND), "cuGetProcAddress", name, function, version, flags, status);
        return new Answer(function.getPointer(0), status.getInt(0));
    }
}
