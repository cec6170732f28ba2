package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Streams that write values, and wait for them. */
final class StreamMemoryChecks {
    private static final int WAIT_GEQ = 0;
    private static final int WAIT_EQ = 1;
    private static final int WAIT_AND = 2;
    private static final int OPERATION_WAIT_32 = 1;
    private static final int OPERATION_WRITE_32 = 2;
    /** A CUstreamBatchMemOpParams is a union of 6 times 8 bytes. */
    private static final int OPERATION_BYTES = 48;

    private StreamMemoryChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.STREAM_MEMORY_OPERATIONS).leftOpen();
        writing(group);
        waiting(group);
        refusals(group);
    }

    private static void writing(Group group) {
        group.check("cuStreamWriteValue32/order", "writes when its turn in the stream comes", trial -> {
            Pointer stream = trial.stream(0);
            long memory = zeroed(trial);
            Gate gate = trial.gate(stream);
            trial.ok("cuStreamWriteValue32", stream, memory, 77, 0);
            gate.open();
            trial.ok("cuStreamSynchronize", stream);
            trial.equal(77, trial.readInt(memory), "the value");
            trial.equal(0, trial.readInt(memory + 4), "the memory behind it");
        });
        group.promisedBy(Attribute.CAN_USE_64_BIT_STREAM_MEM_OPS)
                .check("cuStreamWriteValue64/value", "writes all 64 bits", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = zeroed(trial);
                    trial.ok("cuStreamWriteValue64", stream, memory, 0x0102_0304_0506_0708L, 0);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(0x0506_0708, trial.readInt(memory), "the low half");
                    trial.equal(0x0102_0304, trial.readInt(memory + 4), "the high half");
                });
        group.check("cuStreamBatchMemOp/two", "does several operations in their order", trial -> {
            Pointer stream = trial.stream(0);
            long memory = zeroed(trial);
            Memory operations = trial.room(2 * OPERATION_BYTES);
            operation(operations, 0, OPERATION_WRITE_32, memory, 5);
            operation(operations, 1, OPERATION_WRITE_32, memory, 6);
            trial.ok("cuStreamBatchMemOp", stream, 2, operations, 0);
            trial.ok("cuStreamSynchronize", stream);
            trial.equal(6, trial.readInt(memory), "the value");
        });
    }

    private static void waiting(Group group) {
        int[][] rows = {{WAIT_GEQ, 10, 10}, {WAIT_GEQ, 10, 11}, {WAIT_EQ, 10, 10}, {WAIT_AND, 6, 12}};
        for (int[] row : rows) {
            group.check(
                    "cuStreamWaitValue32/" + row[0] + "-" + row[1] + "-" + row[2],
                    "a stream waits until the value in memory meets the condition",
                    trial -> {
                        Pointer stream = trial.stream(1);
                        Pointer host = trial.pinned(64);
                        host.setInt(0, 0);
                        long memory = trial.longFrom("cuMemHostGetDevicePointer", host, 0);
                        trial.later(() -> host.setInt(0, row[2]));
                        trial.ok("cuStreamWaitValue32", stream, memory, row[1], row[0]);
                        trial.expect(NOT_READY, "cuStreamQuery", stream);
                        host.setInt(0, row[2]);
                        trial.ok("cuStreamSynchronize", stream);
                    });
        }
        group.check("cuStreamWaitValue32/met", "a condition that is met already holds nothing up", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = zeroed(trial);
                    trial.ok("cuStreamWaitValue32", stream, memory, 0, WAIT_EQ);
                    trial.ok("cuStreamSynchronize", stream);
                })
                .check("cuStreamBatchMemOp/write-then-wait", "a wait sees the write before it", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = zeroed(trial);
                    Memory operations = trial.room(2 * OPERATION_BYTES);
                    operation(operations, 0, OPERATION_WRITE_32, memory, 5);
                    operation(operations, 1, OPERATION_WAIT_32, memory, 5);
                    trial.ok("cuStreamBatchMemOp", stream, 2, operations, 0);
                    trial.ok("cuStreamSynchronize", stream);
                });
    }

    private static void refusals(Group group) {
        group.check(
                        "cuStreamWriteValue32/misaligned",
                        "the address is a multiple of 4",
                        trial ->
                                trial.expect(INVALID_VALUE, "cuStreamWriteValue32", STREAM, trial.memory(64) + 2, 1, 0))
                .answers(INVALID_VALUE, "cuStreamWriteValue32/zero", "0 is no address", STREAM, 0L, 1, 0)
                .check(
                        "cuStreamBatchMemOp/too-many",
                        "256 operations are the most",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuStreamBatchMemOp",
                                STREAM,
                                257,
                                trial.room(257L * OPERATION_BYTES),
                                0));
    }

    /** operation, address, value and flags of 0, which mean a wait for greater or equal. */
    private static void operation(Memory all, int index, int operation, long address, int value) {
        Memory one = Struct.of(OPERATION_BYTES)
                .i32(operation)
                .i64(address)
                .i32(value)
                .done();
        all.write((long) index * OPERATION_BYTES, one.getByteArray(0, OPERATION_BYTES), 0, OPERATION_BYTES);
    }

    private static long zeroed(Trial trial) {
        long memory = trial.memory(64);
        trial.write(memory, new byte[64]);
        return memory;
    }
}
