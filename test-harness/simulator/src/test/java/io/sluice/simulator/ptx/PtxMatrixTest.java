package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrices in registers of a warp: each lane's elements are those that the PTX ISA draws, and products are exact where they can be. */
class PtxMatrixTest {
    private static final int LANES = 32;
    private static final int WORDS = 16; // of each lane: four of A, two of B, four of C, four of D

    private final Random random = new Random(Long.getLong("sluice.seed", System.nanoTime()));

    /** Places of a lane's elements, as the ISA tells them for each shape: of its group (lane / 4) and its number within (lane % 4). */
    private record Shape(int rows, int inner, int each) {
        int rowOfA(int lane, int i) {
            boolean second = rows == 16 && i / each % 2 == 1;
            return lane / 4 + (second ? 8 : 0);
        }

        int innerOfA(int lane, int i) {
            return lane % 4 * each + i % each + (i >= rows / 8 * each ? 4 * each : 0);
        }

        int innerOfB(int lane, int i) {
            return lane % 4 * each + i % each + (i >= each ? 4 * each : 0);
        }

        int elementsOfA() {
            return rows * inner / LANES;
        }

        int elementsOfB() {
            return 8 * inner / LANES;
        }

        int sums() {
            return rows * 8 / LANES;
        }

        static int rowOfC(int lane, int i) {
            return lane / 4 + (i < 2 ? 0 : 8);
        }

        static int columnOfC(int lane, int i) {
            return lane % 4 * 2 + i % 2;
        }
    }

    private static String list(int first, int count) {
        StringBuilder list = new StringBuilder("{");
        for (int i = 0; i < count; i++) list.append(i == 0 ? "%r" : ", %r").append(first + i);
        return list + "}";
    }

    private static String kernel(String opcode, Shape shape, int sumsInRegister) {
        int a = shape.elementsOfA() / shape.each;
        int b = shape.elementsOfB() / shape.each;
        int sums = shape.sums() / sumsInRegister;
        StringBuilder body =
                new StringBuilder("mov.u32 %r30, %tid.x; mad.wide.u32 %rd1, %r30, " + 4 * WORDS + ", %rd0;\n");
        for (int i = 0; i < 10; i++)
            body.append("ld.global.u32 %r")
                    .append(i)
                    .append(", [%rd1+")
                    .append(4 * i)
                    .append("];\n");
        body.append("mma.sync.aligned.%s %s, %s, %s, %s;%n"
                .formatted(opcode, list(10, sums), list(0, a), list(4, b), list(6, sums)));
        for (int i = 0; i < sums; i++)
            body.append("st.global.u32 [%rd1+")
                    .append(40 + 4 * i)
                    .append("], %r")
                    .append(10 + i)
                    .append(";\n");
        return Ptx.kernel(body.toString());
    }

    /** The bits of {@code values} as the elements of a lane, {@code each} to a word from {@code first} on. */
    private static void put(int[] words, int lane, int first, int each, int[] values, IntUnaryOperator bits) {
        for (int i = 0; i < values.length; i++)
            words[lane * WORDS + first + i / each] |= bits.applyAsInt(values[i]) << (32 / each * (i % each));
    }

    private int[][] matrix(int rows, int columns, int least, int bound) {
        int[][] matrix = new int[rows][];
        Arrays.setAll(matrix, row -> random.ints(columns, least, bound).toArray());
        return matrix;
    }

    private static int[] words(
            Shape shape,
            int[][] a,
            int[][] b,
            int[][] c,
            IntUnaryOperator bits,
            IntUnaryOperator sumBits,
            int sumsEach) {
        int[] words = new int[LANES * WORDS];
        for (int l = 0; l < LANES; l++) {
            int lane = l;
            int[] ofA = new int[shape.elementsOfA()];
            Arrays.setAll(ofA, i -> a[shape.rowOfA(lane, i)][shape.innerOfA(lane, i)]);
            put(words, lane, 0, shape.each, ofA, bits);
            int[] ofB = new int[shape.elementsOfB()];
            Arrays.setAll(ofB, i -> b[shape.innerOfB(lane, i)][lane / 4]);
            put(words, lane, 4, shape.each, ofB, bits);
            int[] ofC = new int[shape.sums()];
            Arrays.setAll(ofC, i -> c[Shape.rowOfC(lane, i)][Shape.columnOfC(lane, i)]);
            put(words, lane, 6, sumsEach, ofC, sumBits);
        }
        return words;
    }

    private static long sum(Shape shape, int[][] a, int[][] b, int[][] c, int row, int column) {
        long sum = c[row][column];
        for (int k = 0; k < shape.inner; k++) sum += (long) a[row][k] * b[k][column];
        return sum;
    }

    private void multiplies(
            String opcode,
            Shape shape,
            int[][] a,
            int[][] b,
            int[][] c,
            IntUnaryOperator bits,
            IntUnaryOperator sumBits,
            int sumsEach,
            boolean clamped) {
        int[] words = words(shape, a, b, c, bits, sumBits, sumsEach);
        int[] after = run(kernel(opcode, shape, sumsEach), Launch.of("k", LANES, "buffer"), words);
        int[] expected = words.clone();
        for (int l = 0; l < LANES; l++) {
            int lane = l;
            int[] sums = new int[shape.sums()];
            Arrays.setAll(sums, i -> {
                long sum = sum(shape, a, b, c, Shape.rowOfC(lane, i), Shape.columnOfC(lane, i));
                return (int) (clamped ? Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, sum)) : sum);
            });
            put(expected, lane, 10, sumsEach, sums, sumBits);
        }
        assertThat(after).as(opcode).isEqualTo(expected);
    }

    private static int single(int value) {
        return Float.floatToRawIntBits(value);
    }

    private static int half(int value) {
        return (int) Half.F16.nearest(value);
    }

    private static int bhalf(int value) {
        return (int) Half.BF16.nearest(value);
    }

    /** Of whole numbers so small that no sum is rounded. */
    @ParameterizedTest
    @CsvSource({
        "m16n8k8, 8, f16, f32", "m16n8k16, 16, f16, f32", "m16n8k8, 8, f16, f16", "m16n8k16, 16, f16, f16",
        "m16n8k8, 8, bf16, f32", "m16n8k16, 16, bf16, f32", "m16n8k4, 4, tf32, f32", "m16n8k8, 8, tf32, f32"
    })
    void multipliesFloats(String name, int inner, String element, String sum) {
        Shape shape = new Shape(16, inner, element.equals("tf32") ? 1 : 2);
        String opcode = "%s.row.col.%s.%s.%s.%s".formatted(name, sum, element, element, sum);
        IntUnaryOperator bits = element.equals("f16")
                ? PtxMatrixTest::half
                : element.equals("bf16") ? PtxMatrixTest::bhalf : PtxMatrixTest::single;
        boolean halves = sum.equals("f16");
        multiplies(
                opcode,
                shape,
                matrix(16, inner, -5, 6),
                matrix(inner, 8, -5, 6),
                matrix(16, 8, -100, 101),
                bits,
                halves ? PtxMatrixTest::half : PtxMatrixTest::single,
                halves ? 2 : 1,
                false);
    }

    @ParameterizedTest
    @CsvSource({
        "m8n8k16, 8, 16, s8, s8", "m16n8k16, 16, 16, s8, s8", "m16n8k32, 16, 32, s8, s8",
        "m16n8k32, 16, 32, u8, s8", "m16n8k32, 16, 32, s8, u8", "m16n8k16, 16, 16, u8, u8"
    })
    void multipliesBytes(String name, int rows, int inner, String a, String b) {
        Shape shape = new Shape(rows, inner, 4);
        for (boolean clamped : new boolean[] {false, true}) {
            String opcode = "%s.row.col%s.s32.%s.%s.s32".formatted(name, clamped ? ".satfinite" : "", a, b);
            int leastA = a.equals("u8") ? 0 : -128;
            int leastB = b.equals("u8") ? 0 : -128;
            multiplies(
                    opcode,
                    shape,
                    matrix(rows, inner, leastA, leastA + 256),
                    matrix(inner, 8, leastB, leastB + 256),
                    matrix(rows, 8, Integer.MAX_VALUE - 200_000, Integer.MAX_VALUE),
                    value -> value & 0xff,
                    value -> value,
                    1,
                    clamped);
        }
    }

    @Test
    void givesNansAndInfinitiesOn() {
        int[][] zero = new int[16][8];
        int[][] a = new int[16][8];
        int[][] b = new int[8][8];
        a[3][5] = 0x7c00;
        b[5][2] = 0x3c00;
        b[5][4] = 0;
        int[] words = words(new Shape(16, 8, 2), a, b, zero, value -> value, value -> value, 1);
        int[] after = run(
                kernel("m16n8k8.row.col.f32.f16.f16.f32", new Shape(16, 8, 2), 1),
                Launch.of("k", LANES, "buffer"),
                words);
        assertThat(after[(3 * 4 + 1) * WORDS + 10]).as("infinity times 1").isEqualTo(0x7f800000);
        assertThat(after[(3 * 4 + 2) * WORDS + 10]).as("infinity times 0").isEqualTo(0x7fffffff);
    }

    private static String loading(int matrices, String modifier) {
        return Ptx.kernel("""
                .shared .align 16 .b8 rows[512];
                mov.u32 %%r1, %%tid.x; mad.wide.u32 %%rd1, %%r1, 32, %%rd0; mov.u32 %%r2, rows; mad.lo.u32 %%r3, %%r1, 208, %%r2;
                ld.global.v4.u32 {%%r4, %%r5, %%r6, %%r7}, [%%rd1];
                sub.u32 %%r3, %%r3, %%r2; and.b32 %%r3, %%r3, 511; add.u32 %%r3, %%r3, %%r2; // rows lie in any order
                st.shared.v4.u32 [%%r3], {%%r4, %%r5, %%r6, %%r7}; bar.sync 0;
                setp.ge.u32 %%p1, %%r1, %d; @%%p1 mov.u32 %%r3, 0xfffffff1; // an address that nobody reads
                ldmatrix.sync.aligned.m8n8.x%d%s.shared.b16 %s, [%%r3];
                st.global.v4.u32 [%%rd1+16], {%%r8, %%r9, %%r10, %%r11};
                """.formatted(8 * matrices, matrices, modifier, list(8, matrices)));
    }

    @ParameterizedTest
    @CsvSource({"1, ''", "2, ''", "4, ''", "1, .trans", "2, .trans", "4, .trans"})
    void loadsMatricesWhoseRowsLanesName(int matrices, String modifier) {
        int[] words = random.ints(LANES * 8).toArray();
        int[] after = run(loading(matrices, modifier), Launch.of("k", LANES, "buffer"), words);
        int[] expected = words.clone();
        for (int lane = 0; lane < LANES; lane++) {
            for (int m = 0; m < 4; m++) {
                int low = lane % 4 * 2;
                int pair = 0;
                for (int i = 0; i < 2; i++) {
                    int row = modifier.isEmpty() ? lane / 4 : low + i;
                    int column = modifier.isEmpty() ? low + i : lane / 4;
                    pair |= (words[(8 * m + row) * 8 + column / 2] >>> (16 * (column % 2)) & 0xffff) << (16 * i);
                }
                expected[lane * 8 + 4 + m] = m < matrices ? pair : 0;
            }
        }
        assertThat(after).isEqualTo(expected);
    }

    @Test
    void faultsWhereALaneNamesNoRow() {
        String beyond = loading(4, "")
                .replace("and.b32 %r3, %r3, 511", "and.b32 %r3, %r3, 511; @%p1 mov.u32 %r3, 0")
                .replace("setp.ge.u32 %p1, %r1, 32", "setp.eq.u32 %p1, %r1, 17");
        assertThat(Interpreter.SANITIZED
                        .run(
                                beyond.replace("0xfffffff1", "0x7ffffff0"),
                                Launch.of("k", LANES, "buffer"),
                                new byte[1024])
                        .status())
                .isEqualTo(Status.ILLEGAL_ADDRESS);
        assertThat(Interpreter.SANITIZED
                        .run(beyond, Launch.of("k", LANES, "buffer"), new byte[1024])
                        .status())
                .isEqualTo(Status.MISALIGNED);
    }

    /** Less than a warp, and lanes that have come to another instruction: what they would give counts as zero, and nothing breaks. */
    @Test
    void survivesWarpsThatAreNotWhole() {
        Shape shape = new Shape(16, 16, 2);
        String text = kernel("m16n8k16.row.col.f32.f16.f16.f32", shape, 1);
        int[][] zero = new int[16][16];
        int[] words = words(shape, zero, zero, zero, PtxMatrixTest::half, PtxMatrixTest::single, 1);
        assertThat(run(text, Launch.of("k", 5, "buffer"), words)).isEqualTo(words);
        String parted = text.replace("mma.sync", "setp.lt.u32 %p1, %r30, 9; @%p1 bra OTHER; mma.sync")
                .replace(
                        "\nret;",
                        "\nret; OTHER: mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r1, %r2}, {%r3}, {%r4}, {%r5, %r6};\nret;");
        assertThat(run(parted, Launch.of("k", LANES, "buffer"), words)).isEqualTo(words);
    }
}
