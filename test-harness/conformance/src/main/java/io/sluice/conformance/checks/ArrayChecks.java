package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import io.sluice.conformance.checks.Copy2D.Side;

/** Arrays, whose layout is the driver's own: made, described, copied. */
final class ArrayChecks {
    private static final int UINT8 = 1;
    private static final int UINT32 = 3;
    private static final int FLOAT = 0x20;
    private static final int NO_FORMAT = 0x7777;
    private static final int LAYERED = 1;
    private static final int WIDTH = 300;
    private static final int ROWS = 9;
    private static final int SLICES = 4;

    private ArrayChecks() {}

    static void declare(Suite suite) {
        Group arrays = suite.section(Section.MEMORY).leftOpen();
        creating(arrays);
        refusals(arrays);
        lines(arrays);
        rectangles(arrays);
        boxes(arrays);
    }

    private static void creating(Group group) {
        int[][] shapes = {{64, 0, UINT8, 1}, {64, 0, FLOAT, 4}, {100, 50, UINT32, 2}, {33, 7, FLOAT, 1}};
        for (int[] shape : shapes) {
            String name = shape[0] + "x" + shape[1] + "-" + shape[2] + "-" + shape[3];
            group.check("cuArrayCreate/" + name, "the descriptor tells what the array was made with", trial -> {
                Memory descriptor =
                        trial.put("cuArrayGetDescriptor", flat(trial, shape[0], shape[1], shape[2], shape[3]));
                trial.equal(shape[0], descriptor.getLong(0), "the width");
                trial.equal(shape[1], descriptor.getLong(8), "the height");
                trial.equal(shape[2], descriptor.getInt(16), "the format");
                trial.equal(shape[3], descriptor.getInt(20), "the channels");
            });
        }
        group.check("cuArray3DCreate/box", "the descriptor tells what the array was made with", trial -> {
                    Memory descriptor = trial.put("cuArray3DGetDescriptor", box(trial, 20, 10, 5, 0));
                    trial.equal(20, descriptor.getLong(0), "the width");
                    trial.equal(10, descriptor.getLong(8), "the height");
                    trial.equal(5, descriptor.getLong(16), "the depth");
                    trial.equal(UINT8, descriptor.getInt(24), "the format");
                    trial.equal(1, descriptor.getInt(28), "the channels");
                })
                .check("cuArray3DCreate/layered", "an array may be of layers", trial -> {
                    Memory descriptor = trial.put("cuArray3DGetDescriptor", box(trial, 20, 10, 5, LAYERED));
                    trial.equal(5, descriptor.getLong(16), "the layers");
                    trial.equal(LAYERED, descriptor.getInt(32) & LAYERED, "the flag");
                })
                .check("cuArray3DGetDescriptor/flat", "describes an array without depth as well", trial -> {
                    Memory descriptor = trial.put("cuArray3DGetDescriptor", flat(trial, 20, 10, UINT8, 1));
                    trial.equal(10, descriptor.getLong(8), "the height");
                    trial.equal(0, descriptor.getLong(16), "the depth");
                })
                .check("cuArrayDestroy/memory", "gives back the memory", trial -> {
                    for (int i = 0; i < 40; i++) {
                        trial.ok(
                                "cuArrayDestroy",
                                trial.handleFrom("cuArrayCreate", flatDescriptor(8192, 8192, FLOAT, 1)));
                    }
                });
    }

    private static void refusals(Group group) {
        group.answers(INVALID_VALUE, "cuArrayCreate/null", "the place must not be NULL", NULL, given(64, 0, UINT8, 1))
                .answers(INVALID_VALUE, "cuArrayCreate/no-descriptor", "the descriptor must not be NULL", OUT, NULL)
                .answers(INVALID_VALUE, "cuArrayCreate/no-width", "an array has a width", OUT, given(0, 0, UINT8, 1))
                .answers(
                        INVALID_VALUE,
                        "cuArrayCreate/format",
                        "a format that there is not",
                        OUT,
                        given(64, 0, NO_FORMAT, 1))
                .answers(
                        INVALID_VALUE,
                        "cuArrayCreate/channels",
                        "1, 2 or 4 channels, not 3",
                        OUT,
                        given(64, 0, UINT8, 3))
                .answers(REFUSED_HANDLE, "cuArrayDestroy/null", "NULL is no array", NULL)
                .answers(REFUSED_HANDLE, "cuArrayGetDescriptor/null", "NULL is no array", OUT, NULL)
                .check(
                        "cuMemcpyHtoA/beyond",
                        "a copy has to stay within the array",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuMemcpyHtoA", flat(trial, 64, 0, UINT8, 1), 32L, HOST_MEMORY, 33L))
                .check(
                        "cuMemcpyAtoH/beyond",
                        "a copy has to stay within the array",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuMemcpyAtoH", HOST_MEMORY, flat(trial, 64, 0, UINT8, 1), 60L, 5L));
    }

    private static void lines(Group group) {
        group.check("cuMemcpyHtoA/round-trip", "what goes into an array comes out of it", trial -> {
                    Memory in = filled(trial, WIDTH);
                    Memory out = trial.room(WIDTH);
                    Pointer array = flat(trial, WIDTH, 0, UINT8, 1);
                    trial.ok("cuMemcpyHtoA", array, 0L, in, (long) WIDTH);
                    trial.ok("cuMemcpyAtoH", out, array, 0L, (long) WIDTH);
                    trial.same(in.getByteArray(0, WIDTH), out.getByteArray(0, WIDTH), "what came back");
                })
                .check("cuMemcpyHtoA/offset", "the offset is in bytes", trial -> {
                    Memory in = filled(trial, WIDTH);
                    Memory out = trial.room(WIDTH);
                    Pointer array = flat(trial, WIDTH, 0, FLOAT, 1);
                    trial.ok("cuMemcpyHtoA", array, 0L, in, (long) WIDTH);
                    trial.ok("cuMemcpyAtoH", out, array, 40L, 80L);
                    trial.same(in.getByteArray(40, 80), out.getByteArray(0, 80), "what came back");
                })
                .check("cuMemcpyDtoA/round-trip", "device memory goes in and out", trial -> {
                    long from = trial.memory(WIDTH);
                    long to = trial.memory(WIDTH);
                    byte[] bytes = CopyChecks.random(WIDTH);
                    trial.write(from, bytes);
                    Pointer array = flat(trial, WIDTH, 0, UINT8, 1);
                    trial.ok("cuMemcpyDtoA", array, 0L, from, (long) WIDTH);
                    trial.ok("cuMemcpyAtoD", to, array, 0L, (long) WIDTH);
                    trial.same(bytes, trial.read(to, WIDTH), "what came back");
                })
                .check("cuMemcpyAtoA/copy", "one array goes into another", trial -> {
                    Memory in = filled(trial, WIDTH);
                    Memory out = trial.room(WIDTH);
                    Pointer first = flat(trial, WIDTH, 0, UINT8, 1);
                    Pointer second = flat(trial, WIDTH, 0, UINT8, 1);
                    trial.ok("cuMemcpyHtoA", first, 0L, in, (long) WIDTH);
                    trial.ok("cuMemcpyAtoA", second, 100L, first, 0L, 200L);
                    trial.ok("cuMemcpyAtoH", out, second, 100L, 200L);
                    trial.same(in.getByteArray(0, 200), out.getByteArray(0, 200), "what came back");
                })
                .check("cuMemcpyHtoAAsync/order", "is done in its stream's order", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer host = trial.pinned(WIDTH);
                    Pointer back = trial.pinned(WIDTH);
                    host.setByte(WIDTH - 1, (byte) 6);
                    Pointer array = flat(trial, WIDTH, 0, UINT8, 1);
                    trial.ok("cuMemcpyHtoAAsync", array, 0L, host, (long) WIDTH, stream);
                    trial.ok("cuMemcpyAtoHAsync", back, array, 0L, (long) WIDTH, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(6, back.getByte(WIDTH - 1), "the last byte");
                });
    }

    private static void rectangles(Group group) {
        group.check("cuMemcpy2D/host-array-host", "rows go into an array and come out of it", trial -> {
                    Memory in = filled(trial, WIDTH * ROWS);
                    Memory out = trial.room(WIDTH * ROWS);
                    Pointer array = flat(trial, WIDTH, ROWS, UINT8, 1);
                    trial.ok("cuMemcpy2D", new Copy2D(Side.host(in, WIDTH), Side.array(array), WIDTH, ROWS).done());
                    trial.ok("cuMemcpy2D", new Copy2D(Side.array(array), Side.host(out, WIDTH), WIDTH, ROWS).done());
                    trial.same(in.getByteArray(0, WIDTH * ROWS), out.getByteArray(0, WIDTH * ROWS), "what came back");
                })
                .check("cuMemcpy2D/part-of-array", "x is in bytes and y in rows", trial -> {
                    Memory in = filled(trial, 4 * WIDTH * ROWS);
                    Memory out = trial.room(64 * 2);
                    Pointer array = flat(trial, WIDTH, ROWS, FLOAT, 1);
                    trial.ok(
                            "cuMemcpy2D",
                            new Copy2D(Side.host(in, 4 * WIDTH), Side.array(array), 4 * WIDTH, ROWS).done());
                    trial.ok("cuMemcpy2D", new Copy2D(Side.array(array).at(80, 5), Side.host(out, 64), 64, 2).done());
                    trial.same(in.getByteArray(4L * WIDTH * 6 + 80, 64), out.getByteArray(64, 64), "the second row");
                })
                .check(
                        "cuMemcpy2D/beyond-array",
                        "a copy has to stay within the array",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemcpy2D",
                                new Copy2D(
                                                Side.host(trial.room(4096), 64),
                                                Side.array(flat(trial, 64, 4, UINT8, 1))
                                                        .at(0, 1),
                                                64,
                                                4)
                                        .done()))
                .check(
                        "cuMemcpy2D/null-array",
                        "the array must not be NULL",
                        trial -> trial.expect(
                                REFUSED_HANDLE,
                                "cuMemcpy2D",
                                new Copy2D(
                                                Side.host(trial.room(4096), 64),
                                                new Side(Copy2D.ARRAY, NULL, 0, NULL, 0, 0, 0),
                                                64,
                                                4)
                                        .done()));
    }

    private static void boxes(Group group) {
        group.check("cuMemcpy3D/host-array-host", "slices go into an array and come out of it", trial -> {
            int bytes = WIDTH * ROWS * SLICES;
            Memory in = filled(trial, bytes);
            Memory out = trial.room(bytes);
            Pointer array = box(trial, WIDTH, ROWS, SLICES, 0);
            trial.ok(
                    "cuMemcpy3D",
                    new Copy3D(Copy3D.Side.host(in, WIDTH, ROWS), Copy3D.Side.array(array), WIDTH, ROWS, SLICES)
                            .done());
            trial.ok(
                    "cuMemcpy3D",
                    new Copy3D(Copy3D.Side.array(array).at(0, 0, 1), Copy3D.Side.host(out, WIDTH, ROWS), WIDTH, ROWS, 2)
                            .done());
            trial.same(
                    in.getByteArray((long) WIDTH * ROWS, 2 * WIDTH * ROWS),
                    out.getByteArray(0, 2 * WIDTH * ROWS),
                    "the second and third slice");
        });
    }

    private static Pointer flat(Trial trial, int width, int height, int format, int channels) {
        return destroyedLater(
                trial, trial.handleFrom("cuArrayCreate", flatDescriptor(width, height, format, channels)));
    }

    /** Of single bytes. */
    private static Pointer box(Trial trial, int width, int height, int depth, int flags) {
        Memory descriptor =
                Struct.of(40).i64(width, height, depth).i32(UINT8, 1, flags).done();
        return destroyedLater(trial, trial.handleFrom("cuArray3DCreate", descriptor));
    }

    private static Pointer destroyedLater(Trial trial, Pointer array) {
        trial.laterCall("cuArrayDestroy", array);
        return array;
    }

    /** A CUDA_ARRAY_DESCRIPTOR. */
    private static Memory flatDescriptor(int width, int height, int format, int channels) {
        return Struct.of(24).i64(width, height).i32(format, channels).done();
    }

    private static Given given(int width, int height, int format, int channels) {
        return trial -> flatDescriptor(width, height, format, channels);
    }

    private static Memory filled(Trial trial, int count) {
        Memory memory = trial.room(count);
        memory.write(0, CopyChecks.random(count), 0, count);
        return memory;
    }
}
