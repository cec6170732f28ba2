package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What happens before what: within streams, between them, and with the default streams. */
final class OrderChecks {
    private static final long BYTES = 4096;

    /** A CUstreamCallback. */
    interface StreamCallback extends Callback {
        void call(@Nullable Pointer stream, int status, @Nullable Pointer data);
    }

    private OrderChecks() {}

    static void declare(Suite suite) {
        Group streams = suite.section(Section.STREAMS);
        within(streams);
        hostFunctions(streams);
        legacy(streams);
        perThread(streams);
        waiting(streams);
    }

    private static void within(Group group) {
        group.check("cuLaunchKernel/order", "kernels of one stream see what those before them did", trial -> {
            Pointer stream = trial.stream(0);
            Pointer next = trial.function("next");
            long memory = trial.memory(4);
            trial.ok("cuMemsetD32Async", memory, 0, 1L, stream);
            for (int i = 0; i < 200; i++) {
                trial.launch(next, 1, stream, memory, memory);
            }
            trial.ok("cuStreamSynchronize", stream);
            trial.equal(200, trial.readInt(memory), "after 200 kernels that add 1");
        });
    }

    private static void hostFunctions(Group group) {
        group.check("cuLaunchHostFunc/order", "run once each, in the stream's order", trial -> {
                    Pointer stream = trial.stream(0);
                    List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
                    for (int i = 0; i < 5; i++) {
                        int number = i;
                        trial.hostFunction(stream, () -> seen.add(number));
                    }
                    trial.ok("cuStreamSynchronize", stream);
                    trial.that(seen.equals(List.of(0, 1, 2, 3, 4)), "they ran as " + seen);
                })
                .check("cuLaunchHostFunc/after-work", "runs after the work before it", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer host = trial.pinned(BYTES);
                    host.setByte(0, (byte) 0);
                    long memory = trial.memory(BYTES);
                    AtomicInteger seen = new AtomicInteger(-1);
                    trial.ok("cuMemsetD8Async", memory, (byte) 3, BYTES, stream);
                    trial.ok("cuMemcpyDtoHAsync", host, memory, BYTES, stream);
                    trial.hostFunction(stream, () -> seen.set(host.getByte(0)));
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(3, seen.get(), "what the host function saw");
                })
                .check("cuLaunchHostFunc/blocks-later-work", "the work behind it waits for it", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer host = trial.pinned(BYTES);
                    long memory = trial.memory(BYTES);
                    trial.hostFunction(stream, () -> host.setByte(0, (byte) 4));
                    trial.ok("cuMemcpyHtoDAsync", memory, host, BYTES, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(4, trial.read(memory, 1)[0], "what was copied");
                })
                .check("cuStreamAddCallback/once", "is called once, with success and its stream", trial -> {
                    Pointer stream = trial.stream(0);
                    List<String> calls = Collections.synchronizedList(new ArrayList<>());
                    StreamCallback callback = trial.keep(
                            (of, status, data) -> calls.add(status + " " + stream.equals(of) + " " + (data == null)));
                    trial.ok("cuStreamAddCallback", stream, callback, NULL, 0);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.that(calls.equals(List.of("0 true true")), "status, stream and data were " + calls);
                });
    }

    private static void legacy(Group group) {
        group.check(
                        "cuMemcpyDtoH/after-blocking-streams",
                        "the legacy default stream waits for blocking streams",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            long memory = zeroed(trial);
                            Gate gate = trial.gate(stream);
                            trial.ok("cuMemsetD8Async", memory, (byte) 5, BYTES, stream);
                            gate.openSoon();
                            trial.equal(5, trial.read(memory, 1)[0], "what the legacy stream saw");
                        })
                .check("cuMemsetD8Async/after-legacy", "blocking streams wait for the legacy default stream", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = zeroed(trial);
                    Pointer host = trial.pinned(BYTES);
                    Gate gate = trial.gate(StreamChecks.LEGACY);
                    trial.ok("cuMemsetD8Async", memory, (byte) 1, BYTES, StreamChecks.LEGACY);
                    trial.ok("cuMemcpyDtoHAsync", host, memory, BYTES, stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(1, host.getByte(0), "what the blocking stream saw");
                })
                .check("cuStreamQuery/behind-legacy", "work behind the legacy default stream is not ready", trial -> {
                    Pointer stream = trial.stream(0);
                    Gate gate = trial.gate(NULL);
                    trial.ok("cuMemsetD8Async", trial.memory(BYTES), (byte) 1, BYTES, stream);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    gate.open();
                })
                .check(
                        "cuStreamSynchronize/legacy-joins",
                        "two blocking streams are ordered by legacy work between",
                        trial -> {
                            Pointer first = trial.stream(0);
                            Pointer second = trial.stream(0);
                            long memory = zeroed(trial);
                            Pointer host = trial.pinned(BYTES);
                            Gate gate = trial.gate(first);
                            trial.ok("cuMemsetD8Async", memory, (byte) 6, BYTES, first);
                            trial.launch(trial.function("nothing"), 1, NULL);
                            trial.ok("cuMemcpyDtoHAsync", host, memory, BYTES, second);
                            gate.open();
                            trial.ok("cuStreamSynchronize", second);
                            trial.equal(6, host.getByte(0), "what the second stream saw");
                        });
    }

    private static void perThread(Group group) {
        group.check(
                        "cuStreamQuery_ptsz/same",
                        "2, and NULL to a function for per-thread streams, are one stream",
                        trial -> {
                            Gate gate = trial.gate(StreamChecks.PER_THREAD);
                            trial.expect(NOT_READY, "cuStreamQuery_ptsz", NULL);
                            gate.open();
                            trial.ok("cuStreamSynchronize_ptsz", NULL);
                            trial.expect(SUCCESS, "cuStreamQuery_ptsz", NULL);
                        })
                .check("cuStreamQuery_ptsz/each-thread", "each thread has a default stream of its own", trial -> {
                    Pointer context = trial.current();
                    Gate gate = trial.gate(StreamChecks.PER_THREAD);
                    trial.inThread(() -> {
                        trial.ok("cuCtxSetCurrent", context);
                        trial.expect(SUCCESS, "cuStreamQuery_ptsz", NULL);
                    });
                    gate.open();
                })
                .check(
                        "cuMemcpyDtoH/after-per-thread",
                        "the legacy default stream waits for per-thread streams",
                        trial -> {
                            long memory = zeroed(trial);
                            Gate gate = trial.gate(StreamChecks.PER_THREAD);
                            trial.ok("cuMemsetD8Async", memory, (byte) 7, BYTES, StreamChecks.PER_THREAD);
                            gate.openSoon();
                            trial.equal(7, trial.read(memory, 1)[0], "what the legacy stream saw");
                        })
                .check(
                        "cuMemcpyDtoH_v2_ptds/per-thread",
                        "a synchronous copy of the per-thread kind waits for it",
                        trial -> {
                            long memory = zeroed(trial);
                            Gate gate = trial.gate(StreamChecks.PER_THREAD);
                            trial.ok("cuMemsetD8Async_ptsz", memory, (byte) 8, BYTES, NULL);
                            gate.openSoon();
                            Pointer host = trial.room(BYTES);
                            trial.ok("cuMemcpyDtoH_v2_ptds", host, memory, BYTES);
                            trial.equal(8, host.getByte(0), "what was copied");
                        });
    }

    private static void waiting(Group group) {
        group.check("cuStreamSynchronize/waits", "waits until all work of the stream is done", trial -> {
                    Pointer stream = trial.stream(StreamChecks.NON_BLOCKING);
                    waits(trial, stream, () -> trial.ok("cuStreamSynchronize", stream));
                })
                .check("cuCtxSynchronize/waits", "waits for all streams, non-blocking ones as well", trial -> {
                    Pointer stream = trial.stream(StreamChecks.NON_BLOCKING);
                    waits(trial, stream, () -> trial.ok("cuCtxSynchronize"));
                })
                .check("cuEventSynchronize/waits", "waits for the work that the event has captured", trial -> {
                    Pointer stream = trial.stream(StreamChecks.NON_BLOCKING);
                    Pointer event = trial.event(0);
                    waits(trial, stream, () -> {
                        trial.ok("cuEventRecord", event, stream);
                        trial.ok("cuEventSynchronize", event);
                    });
                });
    }

    /** A host function that takes a while has ended when the wait is over. */
    private static void waits(Trial trial, Pointer stream, Runnable wait) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Gate gate = trial.gate(stream);
        trial.hostFunction(stream, ended::countDown);
        gate.openSoon();
        wait.run();
        trial.that(ended.await(0, TimeUnit.SECONDS), "the wait was over before the work was done");
    }

    private static long zeroed(Trial trial) {
        long memory = trial.memory(BYTES);
        trial.write(memory, new byte[(int) BYTES]);
        return memory;
    }
}
