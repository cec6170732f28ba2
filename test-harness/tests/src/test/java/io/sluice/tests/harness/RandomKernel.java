package io.sluice.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntBinaryOperator;

/**
 * A kernel that exists nowhere but in this test: a chain of random operations with random constants, under a random name,
 * so that nothing can recognise it. It computes {@code out[i] = chain(in[i])}; Java computes the same beside it.
 */
public final class RandomKernel {
    private record Operation(String ptx, IntBinaryOperator java) {}

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("add.s32", (a, b) -> a + b),
            new Operation("sub.s32", (a, b) -> a - b),
            new Operation("mul.lo.s32", (a, b) -> a * b),
            new Operation("xor.b32", (a, b) -> a ^ b),
            new Operation("and.b32", (a, b) -> a & b),
            new Operation("or.b32", (a, b) -> a | b),
            new Operation("min.s32", Math::min),
            new Operation("max.s32", Math::max),
            new Operation("shl.b32", (a, b) -> a << (b & 31)),
            new Operation("shr.s32", (a, b) -> a >> (b & 31)));

    private final String name;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Integer> constants = new ArrayList<>();
    private final float factor;
    private final float addend;

    public RandomKernel(Random random) {
        this.name = "k" + Long.toHexString(random.nextLong());
        int length = 2 + random.nextInt(5);
        for (int i = 0; i < length; i++) {
            Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            operations.add(operation);
            constants.add(operation.ptx.startsWith("sh") ? random.nextInt(31) + 1 : random.nextInt());
        }
        this.factor = 1 + random.nextFloat() * 100;
        this.addend = random.nextFloat() * 1000;
    }

    /** Lets a client run it over {@code count} random elements and checks every one. */
    public void checkOn(Client client, Node node, int count) throws IOException {
        Path ptx = Files.writeString(node.file("kernel.ptx"), ptx());
        ByteBuffer in = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            in.putInt(4 * i, node.random().nextInt());
        }
        Path inFile = Files.write(node.file("in"), in.array());
        Path outFile = node.file("out");
        client.must("kernel " + ptx + " " + name + " " + inFile + " " + outFile);

        ByteBuffer out = ByteBuffer.wrap(Files.readAllBytes(outFile)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(out.capacity()).isEqualTo(4 * count);
        for (int i = 0; i < count; i++) {
            assertThat(out.getInt(4 * i))
                    .as(
                            "element %d of %d, in = %d, seed %d, kernel:%n%s",
                            i, count, in.getInt(4 * i), node.seed(), ptx())
                    .isEqualTo(expected(in.getInt(4 * i)));
        }
    }

    private int expected(int value) {
        int result = value;
        for (int i = 0; i < operations.size(); i++) {
            result = operations.get(i).java.applyAsInt(result, constants.get(i));
        }
        return result ^ Float.floatToRawIntBits(Math.fma((float) value, factor, addend));
    }

    private String ptx() {
        StringBuilder chain = new StringBuilder();
        for (int i = 0; i < operations.size(); i++) {
            chain.append("    %s %%value, %%value, %d;\n".formatted(operations.get(i).ptx, constants.get(i)));
        }
        return """
                .version 7.0
                .target sm_70
                .address_size 64

                .visible .entry %s(.param .u64 to, .param .u64 from, .param .u32 count)
                {
                    .reg .pred %%outside;
                    .reg .b32 %%i, %%n, %%blocks, %%thread, %%value, %%bits;
                    .reg .f32 %%real, %%factor, %%addend;
                    .reg .b64 %%to, %%from, %%offset;

                    ld.param.u64 %%to, [to];
                    ld.param.u64 %%from, [from];
                    ld.param.u32 %%n, [count];
                    mov.u32 %%blocks, %%ctaid.x;
                    mov.u32 %%i, %%ntid.x;
                    mov.u32 %%thread, %%tid.x;
                    mad.lo.s32 %%i, %%blocks, %%i, %%thread;
                    setp.ge.u32 %%outside, %%i, %%n;
                    @%%outside bra DONE;
                    mul.wide.u32 %%offset, %%i, 4;
                    add.s64 %%from, %%from, %%offset;
                    add.s64 %%to, %%to, %%offset;
                    ld.global.u32 %%value, [%%from];
                    cvt.rn.f32.s32 %%real, %%value;
                    mov.f32 %%factor, 0f%s;
                    mov.f32 %%addend, 0f%s;
                    fma.rn.f32 %%real, %%real, %%factor, %%addend;
                    mov.b32 %%bits, %%real;
                %s    xor.b32 %%value, %%value, %%bits;
                    st.global.u32 [%%to], %%value;
                DONE:
                    ret;
                }
                """.formatted(name, hex(factor), hex(addend), chain);
    }

    private static String hex(float value) {
        return String.format(Locale.ROOT, "%08X", Float.floatToRawIntBits(value));
    }
}
