package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.CAPTURED_EVENT;
import static io.sluice.conformance.Result.ILLEGAL_STATE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.STREAM_CAPTURE_IMPLICIT;
import static io.sluice.conformance.Result.STREAM_CAPTURE_INVALIDATED;
import static io.sluice.conformance.Result.STREAM_CAPTURE_ISOLATION;
import static io.sluice.conformance.Result.STREAM_CAPTURE_MERGE;
import static io.sluice.conformance.Result.STREAM_CAPTURE_UNJOINED;
import static io.sluice.conformance.Result.STREAM_CAPTURE_UNMATCHED;
import static io.sluice.conformance.Result.STREAM_CAPTURE_UNSUPPORTED;
import static io.sluice.conformance.Result.STREAM_CAPTURE_WRONG_THREAD;
import static io.sluice.conformance.checks.CaptureChecks.GLOBAL;
import static io.sluice.conformance.checks.CaptureChecks.INVALIDATED;
import static io.sluice.conformance.checks.CaptureChecks.RELAXED;
import static io.sluice.conformance.checks.CaptureChecks.capturing;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Expected;
import io.sluice.conformance.Group;
import io.sluice.conformance.Trial;
import org.jspecify.annotations.Nullable;

/** What must not be done while streams are captured, and what becomes of the capture. */
final class CaptureErrorChecks {
    private CaptureErrorChecks() {}

    static void declare(Group group) {
        beginning(group);
        ending(group);
        forbidden(group);
        crossing(group);
    }

    private static void beginning(Group group) {
        // The documentation names the first; drivers have answered the second.
        Expected legacy = STREAM_CAPTURE_UNSUPPORTED.or(INVALID_VALUE);
        group.answers(
                        legacy,
                        "cuStreamBeginCapture/legacy",
                        "the legacy default stream cannot be captured",
                        StreamChecks.LEGACY,
                        RELAXED)
                .answers(legacy, "cuStreamBeginCapture/null", "nor by the name of NULL", NULL, RELAXED)
                .check(
                        "cuStreamBeginCapture/again",
                        "a stream is in one capture at a time",
                        trial -> trial.expect(
                                ILLEGAL_STATE.or(INVALID_VALUE),
                                "cuStreamBeginCapture",
                                capturing(trial, RELAXED),
                                RELAXED))
                .check("cuStreamBeginCapture/unknown-mode", "no mode", trial -> {
                    Pointer stream = trial.stream(1);
                    trial.laterCall("cuStreamEndCapture", stream, trial.room(8));
                    trial.expect(INVALID_VALUE, "cuStreamBeginCapture", stream, 9);
                });
    }

    private static void ending(Group group) {
        group.check(
                        "cuStreamEndCapture/none",
                        "a capture that was not begun cannot end",
                        trial -> trial.expect(
                                ILLEGAL_STATE.or(INVALID_VALUE), "cuStreamEndCapture", trial.stream(1), OUT))
                .check(
                        "cuStreamEndCapture/other-thread",
                        "unless it is relaxed it ends in the thread that began it",
                        trial -> {
                            Pointer context = trial.current();
                            Pointer stream = capturing(trial, GLOBAL);
                            trial.inThread(() -> {
                                trial.ok("cuCtxSetCurrent", context);
                                trial.expect(STREAM_CAPTURE_WRONG_THREAD, "cuStreamEndCapture", stream, OUT);
                            });
                        })
                .check("cuStreamEndCapture/relaxed-other-thread", "a relaxed one may end in any", trial -> {
                    Pointer context = trial.current();
                    Pointer stream = capturing(trial, RELAXED);
                    trial.inThread(() -> {
                        trial.ok("cuCtxSetCurrent", context);
                        CaptureChecks.end(trial, stream);
                    });
                })
                .check("cuStreamEndCapture/not-origin", "a capture ends in the stream in which it began", trial -> {
                    Pointer origin = capturing(trial, RELAXED);
                    trial.expect(STREAM_CAPTURE_UNMATCHED, "cuStreamEndCapture", forked(trial, origin), OUT);
                })
                .check("cuStreamEndCapture/unjoined", "all streams have to be joined again", trial -> {
                    Pointer origin = capturing(trial, RELAXED);
                    trial.ok("cuMemsetD32Async", trial.memory(4), 1, 1L, forked(trial, origin));
                    Memory graph = trial.room(8);
                    graph.setLong(0, 1);
                    trial.expect(STREAM_CAPTURE_UNJOINED, "cuStreamEndCapture", origin, graph);
                    trial.equal(0, graph.getLong(0), "the graph that was put out");
                });
    }

    private static void forbidden(Group group) {
        invalidates(group, "cuStreamSynchronize", (trial, stream) -> new @Nullable Object[] {stream});
        invalidates(group, "cuStreamQuery", (trial, stream) -> new @Nullable Object[] {stream});
        invalidates(group, "cuStreamAddCallback", (trial, stream) -> new @Nullable Object[] {
            stream, trial.keep((OrderChecks.StreamCallback) (of, status, data) -> {}), NULL, 0
        });
        group.check("cuMemAlloc/global-capture", "what may synchronise is refused during a global capture", trial -> {
                    Pointer stream = capturing(trial, GLOBAL);
                    trial.expect(STREAM_CAPTURE_UNSUPPORTED, "cuMemAlloc", OUT, 4096L);
                    trial.equal(INVALIDATED, CaptureChecks.status(trial, stream), "the status of the capture");
                })
                .check("cuMemAlloc/global-capture-elsewhere", "in other threads as well", trial -> {
                    Pointer context = trial.current();
                    Pointer stream = capturing(trial, GLOBAL);
                    trial.inThread(() -> {
                        trial.ok("cuCtxSetCurrent", context);
                        trial.expect(STREAM_CAPTURE_UNSUPPORTED, "cuMemAlloc", OUT, 4096L);
                    });
                    trial.equal(INVALIDATED, CaptureChecks.status(trial, stream), "the status of the capture");
                })
                .check("cuCtxSynchronize/capture", "the context cannot be waited for during a capture", trial -> {
                    capturing(trial, GLOBAL);
                    trial.expect(STREAM_CAPTURE_UNSUPPORTED, "cuCtxSynchronize");
                })
                .check(
                        "cuEventQuery/captured",
                        "an event of a capture cannot be asked",
                        trial -> trial.expect(
                                CAPTURED_EVENT, "cuEventQuery", captured(trial, capturing(trial, RELAXED))))
                .check(
                        "cuEventSynchronize/captured",
                        "an event of a capture cannot be waited for by the host",
                        trial -> trial.expect(
                                CAPTURED_EVENT, "cuEventSynchronize", captured(trial, capturing(trial, RELAXED))))
                .check("cuStreamEndCapture/invalidated", "an invalidated capture ends without a graph", trial -> {
                    Pointer stream = capturing(trial, GLOBAL);
                    trial.call("cuStreamSynchronize", stream);
                    Memory graph = trial.room(8);
                    graph.setLong(0, 1);
                    trial.expect(STREAM_CAPTURE_INVALIDATED, "cuStreamEndCapture", stream, graph);
                    trial.equal(0, graph.getLong(0), "the graph that was put out");
                    trial.equal(CaptureChecks.NONE, CaptureChecks.status(trial, stream), "the status afterwards");
                })
                .check(
                        "cuLaunchKernel/invalidated-capture",
                        "nothing more can be captured once it is invalidated",
                        trial -> {
                            Pointer function = trial.function("nothing");
                            Pointer stream = capturing(trial, GLOBAL);
                            trial.call("cuStreamSynchronize", stream);
                            trial.expect(
                                    STREAM_CAPTURE_INVALIDATED,
                                    "cuLaunchKernel",
                                    function,
                                    1,
                                    1,
                                    1,
                                    1,
                                    1,
                                    1,
                                    0,
                                    stream,
                                    NULL,
                                    NULL);
                        });
    }

    private static void crossing(Group group) {
        group.check("cuStreamWaitEvent/merge", "two captures cannot become one", trial -> {
                    Pointer first = capturing(trial, RELAXED);
                    Pointer second = capturing(trial, RELAXED);
                    trial.expect(STREAM_CAPTURE_MERGE, "cuStreamWaitEvent", second, captured(trial, first), 0);
                })
                .check("cuStreamWaitEvent/isolation", "a capture cannot wait for work outside it", trial -> {
                    Pointer outside = trial.stream(1);
                    Pointer event = trial.event(2);
                    trial.ok("cuEventRecord", event, outside);
                    Pointer stream = capturing(trial, RELAXED);
                    trial.expect(STREAM_CAPTURE_ISOLATION, "cuStreamWaitEvent", stream, event, 0);
                })
                .check(
                        "cuMemsetD8Async/implicit",
                        "legacy work that would wait for a captured stream is refused",
                        trial -> {
                            long memory = trial.memory(64);
                            Pointer blocking = trial.stream(0);
                            trial.ok("cuStreamBeginCapture", blocking, RELAXED);
                            trial.laterCall("cuStreamEndCapture", blocking, trial.room(8));
                            trial.expect(
                                    STREAM_CAPTURE_IMPLICIT,
                                    "cuMemsetD8Async",
                                    memory,
                                    (byte) 1,
                                    64L,
                                    StreamChecks.LEGACY);
                        });
    }

    private interface Arguments {
        @Nullable Object[] of(Trial trial, Pointer stream);
    }

    private static void invalidates(Group group, String function, Arguments arguments) {
        group.check(
                function + "/capturing", "is refused for a stream that is captured, and ends the capture", trial -> {
                    Pointer stream = capturing(trial, RELAXED);
                    trial.expect(STREAM_CAPTURE_UNSUPPORTED, function, arguments.of(trial, stream));
                    trial.equal(INVALIDATED, CaptureChecks.status(trial, stream), "the status of the capture");
                });
    }

    /** An event that was recorded in this capture. */
    private static Pointer captured(Trial trial, Pointer stream) {
        Pointer event = trial.event(2);
        trial.ok("cuEventRecord", event, stream);
        return event;
    }

    /** Another stream, which has joined the capture. */
    private static Pointer forked(Trial trial, Pointer origin) {
        Pointer other = trial.stream(1);
        trial.ok("cuStreamWaitEvent", other, captured(trial, origin), 0);
        return other;
    }
}
