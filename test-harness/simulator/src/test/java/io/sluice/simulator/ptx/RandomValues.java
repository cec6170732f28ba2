package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.RandomProgram.REGISTERS;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH_BYTES;
import static io.sluice.simulator.ptx.RandomProgram.STRIDE;
import static io.sluice.simulator.ptx.RandomProgram.place;

import io.sluice.simulator.ptx.Operation.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Values that registers begin with and constants have: every third lies at an edge. */
final class RandomValues {
    private RandomValues() {}

    private static final long[] WHOLES = {
        0,
        1,
        -1,
        2,
        15,
        16,
        17,
        31,
        32,
        33,
        63,
        64,
        65,
        255,
        256,
        0x7f,
        0x80,
        0x7fff,
        0x8000,
        0x03ff, // f16: the largest subnormal, the least normal, 1, the largest, infinity, NaNs; and of bf16
        0x8400,
        0x3c00,
        0x3c01,
        0x7bff,
        0xfc00,
        0x7c01,
        0xfe12,
        0x7f7f,
        0xff80,
        0x7f81,
        0x3f80,
        0x3f81,
        0x007f,
        0x8080,
        0x7fffffffL,
        0x80000000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    /** Bits, since a NaN with a payload does not survive as a float. */
    private static final long[] SINGLES = {
        0,
        0x80000000L,
        0x3f800000L, // 1, and what is next to it
        0x3f800001L,
        0x3f7fffffL,
        0xbf800000L,
        0x3f000000L, // halves, where rounding to whole numbers ties
        0x3fc00000L,
        0xc0200000L,
        0x437f8000L,
        0x00000001L, // the subnormal at both ends, the least normal
        0x807fffffL,
        0x00800000L,
        0x80800001L,
        0x7f7fffffL, // the largest, infinity, NaNs: quiet, with a payload, signalling
        0xff7fffffL,
        0x7f800000L,
        0xff800000L,
        0x7fffffffL,
        0xffc01234L,
        0x7f800001L,
        0x4effffffL, // around 2^31, 2^32, 2^63 and 2^64
        0x4f000000L,
        0xcf000000L,
        0x4f7fffffL,
        0x4f800000L,
        0x5f000000L,
        0xdf000000L,
        0x5f800000L,
        0x4effffffL,
        0x38800000L, // f16: its least normal, ties at its smallest and largest
        0x33000000L,
        0x33000001L,
        0x477fefffL,
        0x477ff000L,
        0x3f801000L,
        0x3f808000L, // bf16: ties at 1 and at its largest
        0x3f818000L,
        0x7f7f8000L,
        0x1f800000L, // its square is the least normal
        0x5f7fffffL
    };

    private static final long[] DOUBLES = {
        0,
        0x8000000000000000L,
        0x3ff0000000000000L, // 1, and what is next to it
        0x3ff0000000000001L,
        0xbfefffffffffffffL,
        0x3fe0000000000000L, // halves
        0xbff8000000000000L,
        0x4004000000000000L,
        0x0000000000000001L, // the subnormal at both ends, the least normal
        0x800fffffffffffffL,
        0x0010000000000000L,
        0x7fefffffffffffffL, // the largest, infinity, NaNs: quiet, with a payload, signalling
        0xffefffffffffffffL,
        0x7ff0000000000000L,
        0xfff0000000000000L,
        0x7ff8000000000000L,
        0xfff8000000000123L,
        0x7ff0000000000001L,
        0x41dfffffffc00000L, // around 2^31, 2^32, 2^63 and 2^64
        0x41dfffffffe00000L,
        0xc1e0000000000000L,
        0xc1e0000000100000L,
        0x41efffffffe00000L,
        0x41f0000000000000L,
        0x43e0000000000000L,
        0xc3e0000000000000L,
        0x43dfffffffffffffL,
        0x43f0000000000000L,
        0x36a0000000000000L, // f32: its least subnormal, ties there, at 1 and at its largest
        0x3690000000000000L,
        0xb690000000000001L,
        0x3ff0000010000000L,
        0x47efffffe0000000L,
        0x47efffffefffffffL,
        0x47effffff0000000L,
        0x380fffffffffffffL,
        0x3e60000000000000L, // f16: ties at its smallest and largest
        0x40effe0000000000L
    };

    static long value(Random random, Kind kind) {
        if (kind == Kind.PREDICATE || random.nextInt(3) == 0) return edge(random, kind);
        boolean any = random.nextBoolean();
        return switch (kind) {
            case F32 -> any ? random.nextInt() & 0xffffffffL : Bits.f32((float) (random.nextGaussian() * 100));
            case F64 -> any ? random.nextLong() : Double.doubleToRawLongBits(random.nextGaussian() * 1e10);
            default -> Bits.zero(any ? random.nextLong() : random.nextInt(100), kind.width);
        };
    }

    private static long[] edges(Kind kind) {
        return switch (kind) {
            case PREDICATE -> new long[] {0, 1};
            case F32 -> SINGLES;
            case F64 -> DOUBLES;
            default ->
                LongStream.of(WHOLES)
                        .map(value -> Bits.zero(value, kind.width))
                        .distinct()
                        .toArray();
        };
    }

    private static long edge(Random random, Kind kind) {
        long[] edges = edges(kind);
        long bits = edges[random.nextInt(edges.length)];
        if (kind != Kind.B16 && kind != Kind.B32 && kind != Kind.B64) return bits;
        if (random.nextInt(4) == 0) bits += random.nextInt(3) - 1;
        if (kind != Kind.B16 && random.nextBoolean()) bits ^= edges[random.nextInt(edges.length)] << 16;
        return Bits.zero(bits, kind.width);
    }

    /** How many pairs of edges there are for the first two operands. */
    static int pairs(Operation operation) {
        List<Kind> kinds = operation.operands();
        return edges(kinds.get(0)).length * (kinds.size() > 1 ? edges(kinds.get(1)).length : 1);
    }

    /** The values that registers begin with: each pair of edges for the first two operands, and any edges for all others. */
    static byte[] atEdges(Random random, Operation operation) {
        int threads = pairs(operation);
        List<Kind> kinds = operation.operands();
        long[] first = edges(kinds.get(0));
        ByteBuffer buffer = ByteBuffer.allocate(threads * STRIDE).order(ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    buffer.putLong(thread * STRIDE + place(kind, i), edge(random, kind));
            }
            buffer.putLong(thread * STRIDE + place(kinds.get(0), 0), first[thread % first.length]);
            if (kinds.size() > 1)
                buffer.putLong(thread * STRIDE + place(kinds.get(1), 1), edges(kinds.get(1))[thread / first.length]);
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
