package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.DEVICE_MEMORY;
import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.Random;

/** Copies in one dimension. */
final class CopyChecks {
    private static final int ODD = 70_001;

    private CopyChecks() {}

    static void declare(Suite suite) {
        Group copies = suite.section(Section.MEMORY);
        directions(copies);
        empty(copies);
        refusals(copies);
        asynchronous(copies);
        unified(copies.promisedBy(Attribute.UNIFIED_ADDRESSING));
    }

    private static void directions(Group group) {
        group.check("cuMemcpyHtoD/round-trip", "what goes to the device comes back as it was", trial -> {
                    byte[] bytes = random(ODD);
                    long device = trial.memory(ODD);
                    trial.write(device, bytes);
                    trial.same(bytes, trial.read(device, ODD), "what came back");
                })
                .check("cuMemcpyHtoD/odd-address", "any address and length will do", trial -> {
                    byte[] bytes = random(777);
                    long device = trial.memory(ODD);
                    trial.ok("cuMemsetD8", device, (byte) 0, (long) ODD);
                    trial.write(device + 1001, bytes);
                    trial.same(bytes, trial.read(device + 1001, 777), "what came back");
                    trial.equal(0, trial.read(device + 1000, 1)[0], "the byte before");
                    trial.equal(0, trial.read(device + 1778, 1)[0], "the byte behind");
                })
                .check("cuMemcpyDtoD/copy", "copies within the device", trial -> {
                    byte[] bytes = random(ODD);
                    long from = trial.memory(ODD);
                    long to = trial.memory(ODD);
                    trial.write(from, bytes);
                    trial.ok("cuMemcpyDtoD", to, from, (long) ODD);
                    trial.same(bytes, trial.read(to, ODD), "what came back");
                })
                .check("cuMemcpyPeer/same-context", "source and destination may be of one context", trial -> {
                    byte[] bytes = random(ODD);
                    long from = trial.memory(ODD);
                    long to = trial.memory(ODD);
                    trial.write(from, bytes);
                    trial.ok("cuMemcpyPeer", to, trial.current(), from, trial.current(), (long) ODD);
                    trial.same(bytes, trial.read(to, ODD), "what came back");
                })
                .check(
                        "cuMemcpyPeer/two-contexts",
                        "source and destination may be of two contexts of a device",
                        trial -> {
                            byte[] bytes = random(ODD);
                            Pointer home = trial.current();
                            long from = trial.memory(ODD);
                            trial.write(from, bytes);
                            Pointer other = trial.context(0);
                            long to = trial.longFrom("cuMemAlloc", (long) ODD);
                            trial.ok("cuMemcpyPeer", to, other, from, home, (long) ODD);
                            trial.same(bytes, trial.read(to, ODD), "what came back");
                        });
    }

    private static void empty(Group group) {
        group.answers(SUCCESS, "cuMemcpyHtoD/zero", "0 bytes are nothing to do", DEVICE_MEMORY, HOST_MEMORY, 0L)
                .answers(SUCCESS, "cuMemcpyDtoH/zero", "0 bytes are nothing to do", HOST_MEMORY, DEVICE_MEMORY, 0L)
                .answers(SUCCESS, "cuMemcpyDtoD/zero", "0 bytes are nothing to do", DEVICE_MEMORY, DEVICE_MEMORY, 0L)
                .answers(
                        SUCCESS,
                        "cuMemcpyHtoDAsync/zero",
                        "0 bytes are nothing to do",
                        DEVICE_MEMORY,
                        HOST_MEMORY,
                        0L,
                        STREAM);
    }

    private static void refusals(Group group) {
        group.answers(
                        INVALID_VALUE,
                        "cuMemcpyHtoD/null-source",
                        "the source must not be NULL",
                        DEVICE_MEMORY,
                        NULL,
                        16L)
                .answers(INVALID_VALUE, "cuMemcpyHtoD/null-destination", "0 is no address", 0L, HOST_MEMORY, 16L)
                .answers(INVALID_VALUE, "cuMemcpyDtoH/null-destination", "must not be NULL", NULL, DEVICE_MEMORY, 16L)
                .answers(INVALID_VALUE, "cuMemcpyDtoH/null-source", "0 is no address", HOST_MEMORY, 0L, 16L)
                .answers(INVALID_VALUE, "cuMemcpyDtoD/null-destination", "0 is no address", 0L, DEVICE_MEMORY, 16L)
                .answers(INVALID_VALUE, "cuMemcpyDtoD/null-source", "0 is no address", DEVICE_MEMORY, 0L, 16L)
                .check("cuMemcpyDtoH/freed", "freed memory is no source", trial -> {
                    long memory = trial.longFrom("cuMemAlloc", 4L << 20);
                    trial.ok("cuMemFree", memory);
                    trial.expect(INVALID_VALUE, "cuMemcpyDtoH", HOST_MEMORY, memory, 16L);
                })
                .answers(
                        INVALID_VALUE,
                        "cuMemcpyHtoDAsync/null-source",
                        "the source must not be NULL",
                        DEVICE_MEMORY,
                        NULL,
                        16L,
                        STREAM);
    }

    private static void asynchronous(Group group) {
        group.check("cuMemcpyHtoDAsync/order", "copies of one stream happen in their order", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer first = filled(trial, (byte) 1);
                    Pointer second = filled(trial, (byte) 2);
                    long device = trial.memory(4096);
                    trial.ok("cuMemcpyHtoDAsync", device, first, 4096L, stream);
                    trial.ok("cuMemcpyHtoDAsync", device, second, 4096L, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(2, trial.read(device, 4096)[4095], "the last byte");
                })
                .check(
                        "cuMemcpyHtoDAsync/pinned-is-read-late",
                        "page-locked memory is read when the copy's turn comes",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            Pointer host = filled(trial, (byte) 1);
                            long device = trial.memory(4096);
                            Gate gate = trial.gate(stream);
                            trial.ok("cuMemcpyHtoDAsync", device, host, 4096L, stream);
                            host.setByte(0, (byte) 77);
                            gate.open();
                            trial.ok("cuStreamSynchronize", stream);
                            trial.equal(77, trial.read(device, 1)[0], "the first byte");
                        })
                .check(
                        "cuMemcpyDtoHAsync/pinned",
                        "a copy to page-locked memory is there after a synchronise",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            Pointer host = filled(trial, (byte) 0);
                            long device = trial.memory(4096);
                            trial.ok("cuMemsetD8Async", device, (byte) 5, 4096L, stream);
                            trial.ok("cuMemcpyDtoHAsync", host, device, 4096L, stream);
                            trial.ok("cuStreamSynchronize", stream);
                            trial.equal(5, host.getByte(4095), "the last byte");
                        })
                .check(
                        "cuMemcpyHtoDAsync/pageable-is-staged",
                        "pageable memory may be changed once the call is back",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            Memory host = trial.room(4096);
                            host.setByte(0, (byte) 3);
                            long device = trial.memory(4096);
                            trial.ok("cuMemcpyHtoDAsync", device, host, 4096L, stream);
                            host.setByte(0, (byte) 9);
                            trial.ok("cuStreamSynchronize", stream);
                            trial.equal(3, trial.read(device, 1)[0], "the first byte");
                        })
                .check(
                        "cuMemcpyDtoHAsync/pageable-is-there",
                        "a copy to pageable memory is there when the call is back",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            Memory host = trial.room(4096);
                            long device = trial.memory(4096);
                            trial.ok("cuMemsetD8Async", device, (byte) 5, 4096L, stream);
                            trial.ok("cuMemcpyDtoHAsync", host, device, 4096L, stream);
                            trial.equal(5, host.getByte(4095), "the last byte");
                        })
                .check(
                        "cuMemcpyDtoDAsync/order",
                        "a copy within the device waits for what is before it in the stream",
                        trial -> {
                            Pointer stream = trial.stream(0);
                            long from = trial.memory(4096);
                            long to = trial.memory(4096);
                            Gate gate = trial.gate(stream);
                            trial.ok("cuMemsetD8Async", from, (byte) 6, 4096L, stream);
                            trial.ok("cuMemcpyDtoDAsync", to, from, 4096L, stream);
                            gate.open();
                            trial.ok("cuStreamSynchronize", stream);
                            trial.equal(6, trial.read(to, 4096)[4095], "the last byte");
                        });
    }

    private static void unified(Group group) {
        group.check("cuMemcpy/every-direction", "finds out by the addresses which way to copy", trial -> {
                    byte[] bytes = random(5000);
                    Memory in = trial.room(5000);
                    Memory out = trial.room(5000);
                    in.write(0, bytes, 0, 5000);
                    long first = trial.memory(5000);
                    long second = trial.memory(5000);
                    trial.ok("cuMemcpy", first, in, 5000L);
                    trial.ok("cuMemcpy", second, first, 5000L);
                    trial.ok("cuMemcpy", out, second, 5000L);
                    trial.same(bytes, out.getByteArray(0, 5000), "what came back");
                })
                .check("cuMemcpy/host-to-host", "copies between two places of the host", trial -> {
                    Pointer from = filled(trial, (byte) 8);
                    Pointer to = filled(trial, (byte) 0);
                    trial.ok("cuMemcpy", to, from, 4096L);
                    trial.equal(8, to.getByte(4095), "the last byte");
                })
                .check("cuMemcpyAsync/stream", "is a copy in its stream's order", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer host = filled(trial, (byte) 0);
                    long device = trial.memory(4096);
                    trial.ok("cuMemsetD8Async", device, (byte) 4, 4096L, stream);
                    trial.ok("cuMemcpyAsync", host, device, 4096L, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(4, host.getByte(4095), "the last byte");
                });
    }

    /** 4,096 bytes of page-locked memory. */
    private static Pointer filled(Trial trial, byte value) {
        Pointer memory = trial.pinned(4096);
        memory.setMemory(0, 4096, value);
        return memory;
    }

    /** The same in each run. */
    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
