package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.DEVICE_MEMORY;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Pointer;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory filled with a value. */
final class SetChecks {
    private static final long COUNT = 1001;

    private SetChecks() {}

    static void declare(Suite suite) {
        Group sets = suite.section(Section.MEMORY);
        lines(sets);
        rectangles(sets);
        refusals(sets);
    }

    private static void lines(Group group) {
        row(group, "cuMemsetD8", (byte) 0xa5, 1);
        row(group, "cuMemsetD16", (short) 0xb6a5, 2);
        row(group, "cuMemsetD32", 0xd8c7b6a5, 4);
        group.check("cuMemsetD8Async/order", "is done in its stream's order", trial -> {
            Pointer stream = trial.stream(0);
            long memory = trial.memory(4096);
            trial.ok("cuMemsetD8Async", memory, (byte) 1, 4096L, stream);
            Gate gate = trial.gate(stream);
            trial.ok("cuMemsetD16Async", memory, (short) 0x0202, 100L, stream);
            trial.ok("cuMemsetD32Async", memory, 0x03030303, 10L, stream);
            gate.open();
            trial.ok("cuStreamSynchronize", stream);
            byte[] bytes = trial.read(memory, 201);
            trial.equal(3, bytes[39], "byte 39");
            trial.equal(2, bytes[40], "byte 40");
            trial.equal(1, bytes[200], "byte 200");
        });
    }

    /** The value fills the elements, and what is behind them stays. */
    private static void row(Group group, String function, Object value, int bytes) {
        group.check(function + "/fills", "fills as many elements as it was told, and nothing else", trial -> {
            int size = (int) COUNT * bytes;
            long memory = trial.memory(size + 16);
            trial.write(memory, new byte[size + 16]);
            trial.ok(function, memory, value, COUNT);
            byte[] got = trial.read(memory, size + 16);
            for (int i = 0; i < size; i++) {
                trial.equal(byteOf(value, i % bytes), got[i], "byte " + i);
            }
            for (int i = size; i < size + 16; i++) {
                trial.equal(0, got[i], "byte " + i + ", which is behind it");
            }
        });
        group.answers(SUCCESS, function + "/zero", "0 elements are nothing to do", DEVICE_MEMORY, value, 0L)
                .answers(INVALID_VALUE, function + "/null", "0 is no address", 0L, value, 16L);
        if (bytes > 1) {
            group.check(
                    function + "/misaligned",
                    "the address has to be aligned to the element",
                    trial -> trial.expect(INVALID_VALUE, function, trial.memory(4096) + 1, value, 16L));
        }
    }

    private static void rectangles(Group group) {
        group.check("cuMemsetD2D8/rows", "fills the width of each row, and not what is between", trial -> {
                    long memory = zeroed(trial);
                    trial.ok("cuMemsetD2D8", memory, 128L, (byte) 7, 33L, 4L);
                    rows(trial, memory, 33);
                })
                .check("cuMemsetD2D16/rows", "the width counts elements", trial -> {
                    long memory = zeroed(trial);
                    trial.ok("cuMemsetD2D16", memory, 128L, (short) 0x0707, 33L, 4L);
                    rows(trial, memory, 66);
                })
                .check("cuMemsetD2D32/rows", "the width counts elements", trial -> {
                    long memory = zeroed(trial);
                    trial.ok("cuMemsetD2D32", memory, 128L, 0x07070707, 31L, 4L);
                    rows(trial, memory, 124);
                })
                .check("cuMemsetD2D8Async/rows", "is done in its stream's order", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = zeroed(trial);
                    trial.ok("cuMemsetD2D8Async", memory, 128L, (byte) 7, 33L, 4L, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    rows(trial, memory, 33);
                });
    }

    private static void refusals(Group group) {
        group.answers(INVALID_VALUE, "cuMemsetD8Async/null", "0 is no address", 0L, (byte) 1, 16L, STREAM)
                .answers(INVALID_VALUE, "cuMemsetD2D8/null", "0 is no address", 0L, 64L, (byte) 1, 16L, 2L)
                .answers(
                        INVALID_VALUE,
                        "cuMemsetD2D8/narrow",
                        "a pitch holds at least the width",
                        DEVICE_MEMORY,
                        15L,
                        (byte) 1,
                        16L,
                        2L)
                .answers(
                        SUCCESS,
                        "cuMemsetD2D8/one-row",
                        "the pitch is not used where there is one row",
                        DEVICE_MEMORY,
                        0L,
                        (byte) 1,
                        16L,
                        1L)
                .check("cuMemsetD32/freed", "freed memory cannot be filled", trial -> {
                    long memory = trial.longFrom("cuMemAlloc", 4L << 20);
                    trial.ok("cuMemFree", memory);
                    trial.expect(INVALID_VALUE, "cuMemsetD32", memory, 1, 16L);
                });
    }

    private static void rows(Trial trial, long memory, int bytes) {
        byte[] got = trial.read(memory, 640);
        for (int i = 0; i < got.length; i++) {
            trial.equal(i < 512 && i % 128 < bytes ? 7 : 0, got[i], "byte " + i % 128 + " of row " + i / 128);
        }
    }

    private static long zeroed(Trial trial) {
        long memory = trial.memory(640);
        trial.write(memory, new byte[640]);
        return memory;
    }

    private static byte byteOf(Object value, int index) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(0, ((Number) value).longValue()).get(index);
    }
}
