package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import io.sluice.conformance.checks.Copy2D.Side;
import java.util.function.UnaryOperator;

/** Copies of rectangles and boxes between host and linear device memory. */
final class Copy2DChecks {
    private static final int WIDTH = 301;
    private static final int ROWS = 11;
    private static final int SLICES = 5;

    private Copy2DChecks() {}

    static void declare(Suite suite) {
        Group copies = suite.section(Section.MEMORY);
        rectangles(copies, "cuMemcpy2D");
        rectangles(copies, "cuMemcpy2DUnaligned");
        refusals(copies);
        boxes(copies);
    }

    private static void rectangles(Group group, String function) {
        group.check(function + "/packed-to-pitched", "each row goes to the beginning of a row", trial -> {
                    Memory host = trial.room(WIDTH * ROWS);
                    host.write(0, CopyChecks.random(WIDTH * ROWS), 0, WIDTH * ROWS);
                    long[] pitched = pitched(trial);
                    trial.ok(
                            function,
                            new Copy2D(Side.host(host, WIDTH), Side.device(pitched[0], pitched[1]), WIDTH, ROWS)
                                    .done());
                    for (int row = 0; row < ROWS; row++) {
                        trial.same(
                                host.getByteArray((long) row * WIDTH, WIDTH),
                                trial.read(pitched[0] + row * pitched[1], WIDTH),
                                "row " + row);
                    }
                })
                .check(
                        function + "/offsets",
                        "x and y choose the rectangle on both sides, and nothing else changes",
                        trial -> {
                            byte[] bytes = CopyChecks.random(WIDTH * ROWS);
                            Memory host = trial.room(WIDTH * ROWS);
                            host.write(0, bytes, 0, bytes.length);
                            long[] pitched = pitched(trial);
                            trial.ok("cuMemsetD2D8", pitched[0], pitched[1], (byte) 0, (long) WIDTH, (long) ROWS);
                            trial.ok(
                                    function,
                                    new Copy2D(
                                                    Side.host(host, WIDTH).at(7, 2),
                                                    Side.device(pitched[0], pitched[1])
                                                            .at(13, 4),
                                                    100,
                                                    3)
                                            .done());
                            byte[] row = trial.read(pitched[0] + 5 * pitched[1], WIDTH);
                            for (int x = 0; x < WIDTH; x++) {
                                boolean inside = x >= 13 && x < 113;
                                trial.equal(inside ? bytes[3 * WIDTH + x - 6] : 0, row[x], "byte " + x + " of row 5");
                            }
                            trial.equal(0, trial.read(pitched[0] + 3 * pitched[1] + 13, 1)[0], "the row before");
                            trial.equal(0, trial.read(pitched[0] + 7 * pitched[1] + 13, 1)[0], "the row behind");
                        })
                .check(function + "/device-to-host", "rows come back packed", trial -> {
                    long[] pitched = pitched(trial);
                    for (int row = 0; row < ROWS; row++) {
                        trial.ok("cuMemsetD8", pitched[0] + row * pitched[1], (byte) (row + 1), (long) WIDTH);
                    }
                    Memory host = trial.room(WIDTH * ROWS);
                    trial.ok(
                            function,
                            new Copy2D(Side.device(pitched[0], pitched[1]), Side.host(host, WIDTH), WIDTH, ROWS)
                                    .done());
                    for (int row = 0; row < ROWS; row++) {
                        trial.equal(row + 1, host.getByte((long) row * WIDTH + WIDTH - 1), "the end of row " + row);
                    }
                });
    }

    private static void refusals(Group group) {
        row(group, "narrow-source", "a pitch holds at least the width", side -> side.pitch(31), side -> side);
        row(group, "narrow-destination", "a pitch holds at least the width", side -> side, side -> side.pitch(31));
        row(group, "narrow-by-offset", "x counts towards the width", side -> side.at(40, 0), side -> side);
        row(group, "unknown-source-type", "no type of memory", side -> side.ofType(9), side -> side);
        row(group, "unknown-destination-type", "no type of memory", side -> side, side -> side.ofType(9));
        row(group, "null-source", "the source must not be NULL", side -> Side.host(NULL, 64), side -> side);
        row(group, "null-destination", "0 is no address", side -> side, side -> Side.device(0, 64));
        group.answers(INVALID_VALUE, "cuMemcpy2D/null", "the parameters must not be NULL", NULL)
                .check("cuMemcpy2D/too-wide-pitch", "no pitch is beyond the device's limit", trial -> {
                    long pitch = trial.attribute(Attribute.MAX_PITCH) + 1L;
                    trial.expect(
                            INVALID_VALUE,
                            "cuMemcpy2D",
                            new Copy2D(Side.host(trial.room(64), 64), Side.device(trial.memory(64), pitch), 32, 1)
                                    .done());
                })
                .check(
                        "cuMemcpy2D/no-width",
                        "a width of 0 is nothing to do",
                        trial -> trial.ok(
                                "cuMemcpy2D",
                                new Copy2D(Side.host(trial.room(64), 64), Side.device(trial.memory(64), 64), 0, 1)
                                        .done()))
                .check(
                        "cuMemcpy2D/no-height",
                        "a height of 0 is nothing to do",
                        trial -> trial.ok(
                                "cuMemcpy2D",
                                new Copy2D(Side.host(trial.room(64), 64), Side.device(trial.memory(64), 64), 32, 0)
                                        .done()))
                .check("cuMemcpy2D/unified", "unified addresses tell by themselves where they are", trial -> {
                    trial.applicableIf(trial.attribute(Attribute.UNIFIED_ADDRESSING) != 0, "no unified addressing");
                    Pointer host = trial.pinned(4096);
                    host.setByte(65, (byte) 3);
                    long device = trial.memory(4096);
                    trial.ok(
                            "cuMemcpy2D",
                            new Copy2D(Side.unified(Pointer.nativeValue(host), 64), Side.unified(device, 128), 64, 2)
                                    .done());
                    trial.equal(3, trial.read(device + 129, 1)[0], "the second byte of the second row");
                })
                .check("cuMemcpy2DAsync/stream", "is a copy in its stream's order", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer host = trial.pinned(4096);
                    long device = trial.memory(4096);
                    trial.ok("cuMemsetD8Async", device, (byte) 6, 4096L, stream);
                    trial.ok(
                            "cuMemcpy2DAsync",
                            new Copy2D(Side.device(device, 64), Side.host(host, 64), 64, 8).done(),
                            stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(6, host.getByte(511), "the last byte");
                });
    }

    /** A copy of 32 bytes by 4 rows from host to device, both with a pitch of 64, with something wrong. */
    private static void row(
            Group group, String name, String statement, UnaryOperator<Side> source, UnaryOperator<Side> destination) {
        group.check("cuMemcpy2D/" + name, statement, trial -> {
            Side from = source.apply(Side.host(trial.room(4096), 64));
            Side to = destination.apply(Side.device(trial.memory(4096), 64));
            trial.expect(INVALID_VALUE, "cuMemcpy2D", new Copy2D(from, to, 32, 4).done());
        });
    }

    private static void boxes(Group group) {
        group.check("cuMemcpy3D/box", "a box goes to the device and comes back by rows and slices", trial -> {
                    byte[] bytes = CopyChecks.random(WIDTH * ROWS * SLICES);
                    Memory in = trial.room(bytes.length);
                    Memory out = trial.room(bytes.length);
                    in.write(0, bytes, 0, bytes.length);
                    long device = trial.memory(512L * 16 * SLICES);
                    var there = Copy3D.Side.device(device, 512, 16);
                    trial.ok(
                            "cuMemcpy3D",
                            new Copy3D(Copy3D.Side.host(in, WIDTH, ROWS), there, WIDTH, ROWS, SLICES).done());
                    trial.ok(
                            "cuMemcpy3D",
                            new Copy3D(there, Copy3D.Side.host(out, WIDTH, ROWS), WIDTH, ROWS, SLICES).done());
                    trial.same(bytes, out.getByteArray(0, bytes.length), "what came back");
                    trial.same(
                            in.getByteArray((long) WIDTH * (ROWS * 2 + 3), WIDTH),
                            trial.read(device + 512 * (16 * 2 + 3), WIDTH),
                            "row 3 of slice 2 on the device");
                })
                .check("cuMemcpy3D/offsets", "x, y and z choose the box", trial -> {
                    byte[] bytes = CopyChecks.random(WIDTH * ROWS * SLICES);
                    Memory in = trial.room(bytes.length);
                    in.write(0, bytes, 0, bytes.length);
                    long device = trial.memory(4096);
                    trial.ok(
                            "cuMemcpy3D",
                            new Copy3D(
                                            Copy3D.Side.host(in, WIDTH, ROWS).at(5, 6, 3),
                                            Copy3D.Side.device(device, 64, 4).at(1, 2, 1),
                                            32,
                                            2,
                                            2)
                                    .done());
                    trial.same(
                            in.getByteArray((long) WIDTH * (ROWS * 4 + 7) + 5, 32),
                            trial.read(device + 64 * (4 * 2 + 3) + 1, 32),
                            "the last row of the box");
                })
                .check(
                        "cuMemcpy3D/no-depth",
                        "a depth of 0 is nothing to do",
                        trial -> trial.ok(
                                "cuMemcpy3D",
                                new Copy3D(
                                                Copy3D.Side.host(trial.room(64), 64, 1),
                                                Copy3D.Side.device(trial.memory(64), 64, 1),
                                                32,
                                                1,
                                                0)
                                        .done()))
                .check(
                        "cuMemcpy3D/low-slice",
                        "a slice holds at least the height",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemcpy3D",
                                new Copy3D(
                                                Copy3D.Side.host(trial.room(4096), 64, 3),
                                                Copy3D.Side.device(trial.memory(4096), 64, 4),
                                                32,
                                                4,
                                                2)
                                        .done()))
                .answers(INVALID_VALUE, "cuMemcpy3D/null", "the parameters must not be NULL", NULL);
    }

    /** Address and pitch of ROWS rows of WIDTH bytes. */
    private static long[] pitched(Trial trial) {
        Memory pitch = trial.room(8);
        long address = trial.longFrom("cuMemAllocPitch", pitch, (long) WIDTH, (long) ROWS, 4);
        trial.laterCall("cuMemFree", address);
        return new long[] {address, pitch.getLong(0)};
    }
}
