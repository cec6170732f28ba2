package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.EVENT;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_CONTEXT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.Result.SUCCESS;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Streams: made, asked, waited for, destroyed. */
final class StreamChecks {
    static final int NON_BLOCKING = 1;
    static final Pointer LEGACY = new Pointer(1);
    static final Pointer PER_THREAD = new Pointer(2);
    private static final int NO_FLAG = 0x100;

    private StreamChecks() {}

    static void declare(Suite suite) {
        Group streams = suite.section(Section.STREAMS);
        creating(streams);
        priorities(streams);
        questions(streams);
        pending(streams);
        refusals(streams);
    }

    private static void creating(Group group) {
        group.check(
                        "cuStreamCreate/different",
                        "each call makes another stream",
                        trial -> trial.that(!trial.stream(0).equals(trial.stream(0)), "two calls gave one stream"))
                .answers(INVALID_VALUE, "cuStreamCreate/null", "the place must not be NULL", NULL, 0)
                .answers(INVALID_VALUE, "cuStreamCreate/flags", "a flag that there is not", OUT, NO_FLAG)
                .check(
                        "cuStreamGetFlags/default",
                        "a stream without flags has none",
                        trial -> trial.equal(0, flags(trial, trial.stream(0)), "the flags"))
                .check(
                        "cuStreamGetFlags/non-blocking",
                        "are those that the stream was made with",
                        trial -> trial.equal(NON_BLOCKING, flags(trial, trial.stream(NON_BLOCKING)), "the flags"))
                .check("cuStreamGetCtx/own", "is the context that was current when the stream was made", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer home = trial.current();
                    trial.context(0);
                    Memory context = trial.room(8);
                    trial.ok("cuStreamGetCtx", stream, context);
                    trial.that(home != null && home.equals(context.getPointer(0)), "another context");
                })
                .check("cuStreamGetCtx/null-stream", "of the NULL stream is the current context", trial -> {
                    Pointer context = trial.context(0);
                    Memory got = trial.room(8);
                    trial.ok("cuStreamGetCtx", NULL, got);
                    trial.that(context.equals(got.getPointer(0)), "another context");
                })
                .check("cuStreamGetCtx/no-context", "without a current context the NULL stream has none", trial -> {
                    trial.ok("cuCtxSetCurrent", NULL);
                    trial.expect(INVALID_CONTEXT, "cuStreamGetCtx", NULL, OUT);
                })
                .check("cuStreamGetId/unique", "each stream has an id of its own", trial -> {
                    Memory first = trial.room(8);
                    Memory second = trial.room(8);
                    trial.ok("cuStreamGetId", trial.stream(0), first);
                    trial.ok("cuStreamGetId", trial.stream(0), second);
                    trial.that(first.getLong(0) != second.getLong(0), "two streams have one id");
                });
    }

    private static void priorities(Group group) {
        for (boolean least : new boolean[] {true, false}) {
            String name = least ? "least" : "greatest";
            group.check(
                    "cuStreamCreateWithPriority/" + name, "the " + name + " priority there is can be had", trial -> {
                        int wanted = range(trial)[least ? 0 : 1];
                        trial.equal(wanted, priority(trial, withPriority(trial, wanted)), "the priority");
                    });
            group.check(
                    "cuStreamCreateWithPriority/beyond-" + name,
                    "a priority out of range becomes the nearest one",
                    trial -> {
                        int wanted = range(trial)[least ? 0 : 1];
                        int beyond = least ? wanted + 100 : wanted - 100;
                        trial.equal(wanted, priority(trial, withPriority(trial, beyond)), "the priority");
                    });
        }
        group.check(
                        "cuStreamGetPriority/default",
                        "a stream that was given none has the default, 0",
                        trial -> trial.equal(0, priority(trial, trial.stream(0)), "the priority"))
                .check(
                        "cuCtxGetStreamPriorityRange/unsupported",
                        "is 0 to 0 exactly where there are no priorities",
                        trial -> {
                            int[] range = range(trial);
                            boolean some = range[0] != range[1];
                            trial.that(some || (range[0] == 0 && range[1] == 0), "one priority, and it is not 0");
                            trial.that(
                                    !some || trial.attribute(Attribute.STREAM_PRIORITIES_SUPPORTED) != 0,
                                    "a range, and the device's attribute says that there is none");
                        })
                .answers(INVALID_VALUE, "cuStreamCreateWithPriority/flags", "a flag that there is not", OUT, NO_FLAG, 0)
                .answers(INVALID_VALUE, "cuStreamCreateWithPriority/null", "the place must not be NULL", NULL, 0, 0);
    }

    private static void questions(Group group) {
        group.answers(SUCCESS, "cuStreamQuery/idle", "a stream without work is done", STREAM)
                .answers(SUCCESS, "cuStreamSynchronize/idle", "there is nothing to wait for", STREAM)
                .answers(SUCCESS, "cuStreamSynchronize/legacy", "1 stands for the legacy default stream", LEGACY)
                .answers(SUCCESS, "cuStreamSynchronize/per-thread", "2 stands for the thread's own", PER_THREAD)
                .answers(SUCCESS, "cuStreamQuery/null-stream", "NULL stands for the default stream", NULL);
        group.leftOpen()
                .check(
                        "cuStreamCopyAttributes/same-context",
                        "attributes go from stream to stream",
                        trial -> trial.ok("cuStreamCopyAttributes", trial.stream(0), trial.stream(0)));
    }

    private static void pending(Group group) {
        group.check("cuStreamQuery/pending", "a stream with work to do is not ready", trial -> {
                    Pointer stream = trial.stream(0);
                    Gate gate = trial.gate(stream);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.expect(SUCCESS, "cuStreamQuery", stream);
                })
                .check("cuStreamQuery/other-stream", "a stream without work is done whatever others do", trial -> {
                    Gate gate = trial.gate(trial.stream(NON_BLOCKING));
                    trial.expect(SUCCESS, "cuStreamQuery", trial.stream(NON_BLOCKING));
                    gate.open();
                })
                .check("cuStreamDestroy/pending", "returns at once, and the work is done all the same", trial -> {
                    Pointer stream = trial.handleFrom("cuStreamCreate", 0);
                    long memory = trial.memory(4096);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuMemsetD8Async", memory, (byte) 9, 4096L, stream);
                    trial.ok("cuStreamDestroy", stream);
                    gate.open();
                    trial.ok("cuCtxSynchronize");
                    trial.equal(9, trial.read(memory, 4096)[4095], "the last byte");
                })
                .check("cuLaunchKernel/asynchronous", "a launch returns before the kernel's turn has come", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = trial.memory(4);
                    Pointer function = trial.function("store");
                    Gate gate = trial.gate(stream);
                    trial.launch(function, 1, stream, memory, 6);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(6, trial.readInt(memory), "what the kernel stored");
                });
    }

    private static void refusals(Group group) {
        Given hostFunction = trial -> trial.keep((Gate.HostFunction) data -> {});
        group.answers(REFUSED_HANDLE, "cuStreamDestroy/null", "the NULL stream cannot be destroyed", NULL)
                .answers(INVALID_VALUE, "cuStreamGetFlags/null", "the place must not be NULL", STREAM, NULL)
                .answers(INVALID_VALUE, "cuStreamGetPriority/null", "the place must not be NULL", STREAM, NULL)
                .answers(INVALID_VALUE, "cuStreamGetCtx/null", "the place must not be NULL", STREAM, NULL)
                .answers(REFUSED_HANDLE, "cuStreamWaitEvent/null", "the event must not be NULL", STREAM, NULL, 0)
                .answers(INVALID_VALUE, "cuStreamWaitEvent/flags", "a flag that there is not", STREAM, EVENT, 0x100)
                .answers(INVALID_VALUE, "cuLaunchHostFunc/null", "the function must not be NULL", STREAM, NULL, NULL)
                .answers(
                        INVALID_VALUE,
                        "cuStreamAddCallback/null",
                        "the function must not be NULL",
                        STREAM,
                        NULL,
                        NULL,
                        0)
                .answers(
                        INVALID_VALUE,
                        "cuStreamAddCallback/flags",
                        "flags have to be 0",
                        STREAM,
                        hostFunction,
                        NULL,
                        1);
    }

    private static int flags(Trial trial, Pointer stream) {
        Memory flags = trial.room(4);
        trial.ok("cuStreamGetFlags", stream, flags);
        return flags.getInt(0);
    }

    private static int priority(Trial trial, Pointer stream) {
        Memory priority = trial.room(4);
        trial.ok("cuStreamGetPriority", stream, priority);
        return priority.getInt(0);
    }

    private static Pointer withPriority(Trial trial, int priority) {
        Pointer stream = trial.handleFrom("cuStreamCreateWithPriority", NON_BLOCKING, priority);
        trial.laterCall("cuStreamDestroy", stream);
        return stream;
    }

    /** The least and the greatest priority. */
    private static int[] range(Trial trial) {
        Memory least = trial.room(4);
        Memory greatest = trial.room(4);
        trial.ok("cuCtxGetStreamPriorityRange", least, greatest);
        return new int[] {least.getInt(0), greatest.getInt(0)};
    }
}
