package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.RandomProgram.REGISTERS;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH_BYTES;
import static io.sluice.simulator.ptx.RandomProgram.STRIDE;
import static io.sluice.simulator.ptx.RandomProgram.place;

import io.sluice.simulator.ptx.Operation.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Values that registers begin with and constants have: every third lies at an edge. */
final class RandomValues {
    private RandomValues() {}

    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        31,
        32,
        63,
        64,
        0x7f,
        0x80,
        0x7fff,
        0x8000,
        0x03ff, // f16: the largest subnormal, the least normal, 1, the largest, infinity; and of bf16
        0x8400,
        0x3c00,
        0x7bff,
        0xfc00,
        0x7f7f,
        0xff80,
        0x3f80,
        0x007f,
        0x7fffffffL,
        0x80000000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final float[] FLOATS = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        1.5f,
        2.5f,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        1e9f,
        3e9f,
        -1e19f,
        255.5f,
        0x1p-126f
    };

    static long value(Random random, Kind kind) {
        boolean edge = random.nextInt(3) == 0;
        return switch (kind) {
            case PREDICATE -> random.nextInt(2);
            case F32 ->
                Float.floatToRawIntBits(
                                edge
                                        ? FLOATS[random.nextInt(FLOATS.length)]
                                        : random.nextBoolean()
                                                ? Float.intBitsToFloat(random.nextInt())
                                                : (float) (random.nextGaussian() * 100))
                        & 0xffffffffL;
            case F64 ->
                edge
                        ? Double.doubleToRawLongBits(FLOATS[random.nextInt(FLOATS.length)])
                        : random.nextBoolean()
                                ? random.nextLong()
                                : Double.doubleToRawLongBits(random.nextGaussian() * 1e10);
            default ->
                Bits.zero(
                        edge
                                ? EDGES[random.nextInt(EDGES.length)]
                                : random.nextBoolean() ? random.nextInt(100) : random.nextLong(),
                        kind.width);
        };
    }

    /** Nothing but edges. */
    static long edge(Random random, Kind kind) {
        float single = FLOATS[random.nextInt(FLOATS.length)];
        return switch (kind) {
            case PREDICATE -> random.nextInt(2);
            case F32 -> Float.floatToRawIntBits(single) & 0xffffffffL;
            case F64 -> Double.doubleToRawLongBits(random.nextInt(6) == 0 ? single * Double.MIN_NORMAL : single);
            default -> {
                long bits = EDGES[random.nextInt(EDGES.length)] + (random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 0);
                if (kind != Kind.B16 && random.nextBoolean()) bits ^= EDGES[random.nextInt(EDGES.length)] << 16;
                yield Bits.zero(bits, kind.width);
            }
        };
    }

    /** The values that registers begin with, all at edges. */
    static byte[] edges(Random random, int threads) {
        ByteBuffer buffer = ByteBuffer.allocate(threads * STRIDE).order(ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    buffer.putLong(thread * STRIDE + place(kind, i), edge(random, kind));
            }
        }
        return buffer.array();
    }

    static byte[] input(Random random, int threads) {
        ByteBuffer buffer = ByteBuffer.allocate(threads * STRIDE).order(ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    buffer.putLong(thread * STRIDE + place(kind, i), value(random, kind));
            }
            for (int i = 0; i < SCRATCH_BYTES; i += 8) buffer.putLong(thread * STRIDE + SCRATCH + i, random.nextLong());
        }
        return buffer.array();
    }
}
