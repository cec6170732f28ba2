package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.EVENT;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_HANDLE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.Result.SUCCESS;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Events: what they capture, how streams wait for them, what time was between them. */
final class EventChecks {
    private static final int BLOCKING_SYNC = 1;
    private static final int DISABLE_TIMING = 2;
    private static final int INTERPROCESS = 4;
    private static final int WAIT_EXTERNAL = 1;
    private static final int NO_FLAG = 0x100;

    private EventChecks() {}

    static void declare(Suite suite) {
        Group events = suite.section(Section.EVENTS);
        flags(events);
        capturing(events);
        waiting(suite.section(Section.STREAMS));
        time(events);
        refusals(events);
    }

    private static void flags(Group group) {
        for (int flags : new int[] {0, BLOCKING_SYNC, DISABLE_TIMING, BLOCKING_SYNC | DISABLE_TIMING}) {
            group.check(
                    "cuEventCreate/flags-" + flags,
                    "an event with these flags can be recorded and waited for",
                    trial -> {
                        Pointer event = trial.event(flags);
                        trial.ok("cuEventRecord", event, trial.stream(0));
                        trial.ok("cuEventSynchronize", event);
                        trial.expect(SUCCESS, "cuEventQuery", event);
                    });
        }
        group.answers(INVALID_VALUE, "cuEventCreate/unknown-flag", "a flag that there is not", OUT, NO_FLAG)
                .answers(
                        INVALID_VALUE,
                        "cuEventCreate/interprocess-with-timing",
                        "an event for several processes cannot take the time",
                        OUT,
                        INTERPROCESS)
                .answers(INVALID_VALUE, "cuEventCreate/null", "the place must not be NULL", NULL, 0);
    }

    private static void capturing(Group group) {
        group.answers(SUCCESS, "cuEventQuery/never-recorded", "an event that was never recorded is empty", EVENT)
                .answers(SUCCESS, "cuEventSynchronize/never-recorded", "there is nothing to wait for", EVENT)
                .check("cuEventQuery/pending", "an event is not ready while captured work is not done", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(0);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuEventRecord", event, stream);
                    trial.expect(NOT_READY, "cuEventQuery", event);
                    gate.open();
                    trial.ok("cuEventSynchronize", event);
                    trial.expect(SUCCESS, "cuEventQuery", event);
                })
                .check("cuEventQuery/later-work", "work that comes after the record does not matter", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(0);
                    trial.ok("cuEventRecord", event, stream);
                    trial.ok("cuEventSynchronize", event);
                    Gate gate = trial.gate(stream);
                    trial.expect(SUCCESS, "cuEventQuery", event);
                    gate.open();
                })
                .check("cuEventRecord/again", "a new record replaces what was captured", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(0);
                    trial.ok("cuEventRecord", event, stream);
                    trial.ok("cuEventSynchronize", event);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuEventRecord", event, stream);
                    trial.expect(NOT_READY, "cuEventQuery", event);
                    gate.open();
                })
                .check(
                        "cuEventRecord/legacy",
                        "in the legacy default stream it captures the blocking streams, too",
                        trial -> {
                            Pointer event = trial.event(0);
                            Gate gate = trial.gate(trial.stream(0));
                            trial.ok("cuEventRecord", event, NULL);
                            trial.expect(NOT_READY, "cuEventQuery", event);
                            gate.open();
                        })
                .check("cuEventRecord/per-thread", "2 stands for the thread's own default stream", trial -> {
                    Pointer event = trial.event(0);
                    Gate gate = trial.gate(StreamChecks.PER_THREAD);
                    trial.ok("cuEventRecord", event, StreamChecks.PER_THREAD);
                    trial.expect(NOT_READY, "cuEventQuery", event);
                    gate.open();
                })
                .check("cuEventDestroy/pending", "does not wait for the work", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.handleFrom("cuEventCreate", 0);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuEventRecord", event, stream);
                    trial.ok("cuEventDestroy", event);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                });
    }

    private static void waiting(Group group) {
        group.check("cuStreamWaitEvent/order", "work behind the wait sees what was before the record", trial -> {
                    Pointer first = trial.stream(StreamChecks.NON_BLOCKING);
                    Pointer second = trial.stream(StreamChecks.NON_BLOCKING);
                    Pointer event = trial.event(DISABLE_TIMING);
                    Pointer host = trial.pinned(4096);
                    long memory = trial.memory(4096);
                    Gate gate = trial.gate(first);
                    trial.ok("cuMemsetD8Async", memory, (byte) 9, 4096L, first);
                    trial.ok("cuEventRecord", event, first);
                    trial.ok("cuStreamWaitEvent", second, event, 0);
                    trial.ok("cuMemcpyDtoHAsync", host, memory, 4096L, second);
                    trial.expect(NOT_READY, "cuStreamQuery", second);
                    gate.open();
                    trial.ok("cuStreamSynchronize", second);
                    trial.equal(9, host.getByte(4095), "what the second stream saw");
                })
                .check(
                        "cuStreamWaitEvent/never-recorded",
                        "an event that was never recorded holds nothing up",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            trial.ok("cuStreamWaitEvent", stream, trial.event(0), 0);
                            trial.ok("cuStreamSynchronize", stream);
                        })
                .check(
                        "cuStreamWaitEvent/destroyed",
                        "an event may be destroyed while a stream waits for it",
                        trial -> {
                            Pointer first = trial.stream(0);
                            Pointer second = trial.stream(0);
                            Pointer event = trial.handleFrom("cuEventCreate", 0);
                            Gate gate = trial.gate(first);
                            trial.ok("cuEventRecord", event, first);
                            trial.ok("cuStreamWaitEvent", second, event, 0);
                            trial.ok("cuEventDestroy", event);
                            gate.open();
                            trial.ok("cuStreamSynchronize", second);
                        })
                .check("cuStreamWaitEvent/other-context", "the event may be of another context", trial -> {
                    Pointer stream = trial.stream(StreamChecks.NON_BLOCKING);
                    Pointer event = trial.event(DISABLE_TIMING);
                    trial.ok("cuEventRecord", event, stream);
                    trial.context(0);
                    Pointer other = trial.handleFrom("cuStreamCreate", StreamChecks.NON_BLOCKING);
                    trial.ok("cuStreamWaitEvent", other, event, 0);
                    trial.ok("cuStreamSynchronize", other);
                })
                .answers(
                        INVALID_VALUE,
                        "cuStreamWaitEvent/external",
                        "the external flag is for captures alone",
                        STREAM,
                        EVENT,
                        WAIT_EXTERNAL);
    }

    private static void time(Group group) {
        group.check("cuEventElapsedTime/kernel", "is at least the time that a kernel between them took", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer last = trial.function("last");
                    Pointer start = recorded(trial, stream);
                    trial.launch(last, 1, stream, 4_000_000L);
                    Pointer end = recorded(trial, stream);
                    trial.ok("cuEventSynchronize", end);
                    float milliseconds = elapsed(trial, start, end);
                    // The timer that the kernel reads has steps of up to 1 ms on some devices.
                    trial.that(milliseconds >= 2.9, "4 ms are told as less than 2.9");
                })
                .check("cuEventElapsedTime/same", "is 0 from an event to itself", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = recorded(trial, stream);
                    trial.ok("cuEventSynchronize", event);
                    trial.that(elapsed(trial, event, event) == 0, "it is not 0");
                })
                .check("cuEventElapsedTime/pending", "while one of them is not done the time is not ready", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer start = recorded(trial, stream);
                    Gate gate = trial.gate(stream);
                    Pointer end = recorded(trial, stream);
                    trial.expect(NOT_READY, "cuEventElapsedTime", OUT, start, end);
                    gate.open();
                })
                .check("cuEventElapsedTime/never-recorded", "both have to have been recorded", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer start = recorded(trial, stream);
                    trial.expect(INVALID_HANDLE, "cuEventElapsedTime", OUT, start, EVENT);
                })
                .check("cuEventElapsedTime/without-timing", "an event that takes no time cannot tell it", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(DISABLE_TIMING);
                    trial.ok("cuEventRecord", event, stream);
                    trial.ok("cuEventSynchronize", event);
                    trial.expect(INVALID_HANDLE, "cuEventElapsedTime", OUT, event, event);
                });
    }

    private static void refusals(Group group) {
        group.answers(REFUSED_HANDLE, "cuEventRecord/null", "NULL is no event", NULL, STREAM)
                .answers(REFUSED_HANDLE, "cuEventQuery/null", "NULL is no event", NULL)
                .answers(REFUSED_HANDLE, "cuEventSynchronize/null", "NULL is no event", NULL)
                .answers(REFUSED_HANDLE, "cuEventDestroy/null", "NULL is no event", NULL)
                .answers(REFUSED_HANDLE, "cuEventElapsedTime/null", "NULL is no event", OUT, NULL, NULL)
                .answers(INVALID_VALUE, "cuEventElapsedTime/null-place", "must not be NULL", NULL, EVENT, EVENT)
                .answers(
                        INVALID_VALUE,
                        "cuEventRecordWithFlags/flags",
                        "a flag that there is not",
                        EVENT,
                        STREAM,
                        NO_FLAG)
                .check("cuEventRecord/other-context", "event and stream have to be of one context", trial -> {
                    Pointer event = trial.event(0);
                    trial.context(0);
                    trial.expect(INVALID_HANDLE, "cuEventRecord", event, trial.handleFrom("cuStreamCreate", 0));
                });
    }

    private static Pointer recorded(Trial trial, Pointer stream) {
        Pointer event = trial.event(0);
        trial.ok("cuEventRecord", event, stream);
        return event;
    }

    private static float elapsed(Trial trial, Pointer start, Pointer end) {
        Memory milliseconds = trial.room(4);
        trial.ok("cuEventElapsedTime", milliseconds, start, end);
        return milliseconds.getFloat(0);
    }
}
