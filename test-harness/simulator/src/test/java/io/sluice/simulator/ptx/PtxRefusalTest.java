package io.sluice.simulator.ptx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the interpreter does not know it refuses when a module is loaded, never in the middle of a kernel. */
class PtxRefusalTest {
    private static final Launch LAUNCH = Launch.of("k", 1, "buffer");

    private static Result load(String ptx) {
        return Interpreter.SANITIZED.run(ptx, LAUNCH, new byte[64]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wmma.load.a.sync.aligned.row.m16n16k16.global.f16 {%r1}, [%rd0];",
                "tex.2d.v4.f32.f32 {%f0, %f1, %f2, %f3}, [tex, {%f4, %f5}];",
                "mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%f0}, {%r1}, {%r2}, {%f1};",
                "add.sat.bf16 %h0, %h1, %h2;",
                "vadd.u32.u32.u32 %r1, %r2, %r3;",
                "cp.async.bulk.shared.global [%r1], [%rd0], 16;",
                "dp4a.u32.u64 %r1, %r2, %r3, %r4;",
                "ld.param.pred %p1, [data];",
                "atom.global.min.f16 %h1, [%rd0], %h2;",
                "min.s32.relu %r1, %r2, %r3;",
                "rcp.approx.f64 %fd1, %fd2;",
                "stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r1], {%r2};",
                "wgmma.wait_group.sync.aligned 0;",
                "sust.b.1d.b32.trap [surf, {%r2}], {%r1};",
                "txq.width.b32 %r1, [tex];",
                "mma.sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 {%r1}, {%r2}, {%r3}, {%r4};",
                "mbarrier.expect_tx.shared.b64 [%r1], 4;",
                "bar.red.xor.u32 %r1, 0, %p1;",
                "mov.b128 %rd1, %rd2;",
                "suld.b.1d.b32.trap {%r1}, [surf, {%r2}];"
            })
    void namesLineAndOpcodeOfWhatItCannotRun(String instruction) {
        Result result = load(Ptx.kernel("\n" + instruction));
        assertThat(result.status()).as(result.message()).isEqualTo(Status.UNSUPPORTED);
        assertThat(result.message())
                .contains("line " + (Ptx.FIRST_LINE + 1) + ":")
                .contains(instruction.substring(0, instruction.indexOf(' ')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add.s32 %r1, %r2;",
                "call foo, (%r1);",
                "call k, (%rd0);",
                "call (%r1), %rd1, (%r2);",
                "brx.idx %r1, nowhere;",
                "L: brx.idx %r1, L;",
                "add.s32 %r1, %r2, %f3;",
                "add.s32 %r1, %r2, %rd3;",
                "add.f32 %f1, %f2, 1;",
                "add.s32 %r1, %r2, %r99;",
                "add.s32 5, %r2, %r3;",
                "add.s32 %r1, %r2, nowhere;",
                "bra nowhere;",
                "@%r1 bra L; L:",
                "mov.u32 %tid.x, 5;",
                "setp.eq.s32 %r1, %r2, %r3;",
                "ld.shared.u32 %r1, [data];",
                "ld.global.v2.u32 {%r1, %r2, %r3}, [%rd0];",
                "ld.global.u32 %r1, %rd0;",
                "cvt.f32.f64 %f1, %fd1;",
                "cvt.s32.f32 %r1, %f1;",
                "div.f32 %f1, %f2, %f3;",
                "add.s32 %r1, %r2, 99999999999999999999;",
                "add.f32 %f1, %f2, 0f3f80;",
                "L: L:",
                "add.s32 %r1, %r2, %r3",
                ".reg .b32 %r0;\n.reg .b32 %r0;",
                "st.global.u32 [%rd0], 4",
                "{ { {"
            })
    void namesTheLineOfWhatIsMalformed(String body) {
        Result result = load(Ptx.kernel("\n" + body));
        assertThat(result.status()).as(result.message()).isEqualTo(Status.INVALID);
        assertThat(result.message()).contains("line ");
    }

    @Test
    void refusesModulesOfAnotherKind() {
        assertThat(load("").status()).isEqualTo(Status.INVALID);
        assertThat(load("\177ELF\2\1\1").status()).isEqualTo(Status.INVALID);
        assertThat(load(".version 7.8\n").message()).contains(".target");
        assertThat(load(".version 7.8\n.target sm_70\n.address_size 32\n").message())
                .contains("line 3")
                .contains("64 bit");
        assertThat(load(Ptx.HEADER + ".extern .func f();\n"
                                + Ptx.kernel("call f;").substring(Ptx.HEADER.length()))
                        .message())
                .contains("Unresolved extern function 'f'");
        assertThat(load(Ptx.HEADER
                                + ".extern .global .u32 elsewhere;\n"
                                + Ptx.kernel("ld.global.u32 %r1, [elsewhere];").substring(Ptx.HEADER.length()))
                        .message())
                .contains("Unresolved extern variable 'elsewhere'");
        assertThat(load(Ptx.HEADER
                                + ".func f(.param .b32 x) { ret; }\n"
                                + Ptx.kernel("call f, (%r1, %r2);").substring(Ptx.HEADER.length()))
                        .message())
                .contains("line " + (Ptx.FIRST_LINE + 1));
        assertThat(load(Ptx.HEADER
                                + ".shared .b8 much[50000];\n.visible .entry k() { .reg .b32 %r; mov.u32 %r, much; ret; }")
                        .message())
                .contains("50000");
    }

    @Test
    void survivesAnyTextWithASentence() {
        String valid = Ptx.kernel(
                ".shared .align 8 .b8 s[64];\n{ .reg .pred %q; setp.lt.and.f32 %q|%p1, %f1, 0f3f800000, !%p2; @!%q bra $L; }\n"
                        + "ld.global.v4.f32 {%f1, %f2, _, %f4}, [%rd0+16];\natom.shared.cas.b32 %r1, [s+4], %r2, 7;\nmov.b64 {%r1, %r2}, %rd1;\n$L:\ncvt.rzi.sat.s32.f32 %r5, 1.5e3;");
        Random random = new Random(20);
        String[] tokens = valid.split("(?<=\\W)|(?=\\W)", -1);
        for (int round = 0; round < Ptx.rounds(150, 5000); round++) {
            byte[] text = random.nextBoolean() ? shuffled(tokens, random).getBytes(ISO_8859_1) : flipped(valid, random);
            Result result = Interpreter.SANITIZED.run(text, LAUNCH, new byte[64], Map.of("PTX_RUN_CANCEL_MS", "200"));
            boolean explained =
                    result.status() == Status.OK || !result.message().isEmpty() || result.status() == Status.CANCELLED;
            assertThat(explained).as("round %d: %s", round, result.status()).isTrue();
        }
    }

    private static String shuffled(String[] tokens, Random random) {
        String[] changed = tokens.clone();
        for (int i = random.nextInt(3); i >= 0; i--)
            changed[random.nextInt(changed.length)] =
                    random.nextInt(4) == 0 ? "" : tokens[random.nextInt(tokens.length)];
        return String.join("", changed);
    }

    private static byte[] flipped(String valid, Random random) {
        byte[] bytes = valid.getBytes(ISO_8859_1);
        for (int i = random.nextInt(4); i >= 0; i--) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        return bytes;
    }

    @Test
    void survivesDepthAndSize() {
        assertThat(load(Ptx.kernel("{".repeat(100_000))).message()).contains("deep");
        assertThat(load(Ptx.HEADER + ".global .u32 g[2][2] = " + "{".repeat(100_000))
                        .status())
                .isEqualTo(Status.INVALID);
        assertThat(load(Ptx.HEADER + ".global .u32 g" + "[2]".repeat(1000) + ";")
                        .status())
                .isEqualTo(Status.UNSUPPORTED);
        assertThat(load(Ptx.HEADER + ".global .u64 g[1099511627776];").status()).isEqualTo(Status.INVALID);
        assertThat(load(Ptx.HEADER + ".global .u64 g[99999999999];").status()).isEqualTo(Status.OUT_OF_MEMORY);
        assertThat(load(Ptx.kernel(".reg .b32 %x<4294967295>; mov.u32 %x4294967294, 1;"))
                        .status())
                .isEqualTo(Status.OK);
        assertThat(load(Ptx.kernel("add.s32 %r1" + ", %r2".repeat(1000) + ";")).status())
                .isEqualTo(Status.UNSUPPORTED);
        assertThat(load(Ptx.kernel("add" + ".s32".repeat(1000) + " %r1, %r2;")).status())
                .isEqualTo(Status.UNSUPPORTED);
        assertThat(load(Ptx.HEADER + "/* no end").status()).isEqualTo(Status.INVALID);
        StringBuilder constants = new StringBuilder();
        for (int i = 1; i < 70_000; i++)
            constants.append("mov.u32 %r1, ").append(i).append(";\n");
        assertThat(load(Ptx.kernel(constants.toString())).message()).contains("65000 registers and constants");
    }
}
