package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static io.sluice.simulator.ptx.Kernels.perThread;
import static io.sluice.simulator.ptx.Kernels.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whole kernels of the kinds that programs run: threads, blocks, barriers, divergence, every state space. */
class PtxProgramTest {
    @Test
    void addsVectorsOverManyBlocks() {
        String ptx = Ptx.HEADER + """
                .visible .entry add(.param .u64 a, .param .u64 b, .param .u64 c, .param .u32 n)
                {
                    .reg .pred %p<2>; .reg .b32 %r<8>; .reg .b64 %rd<12>; .reg .f32 %f<4>;
                    .loc 1 5 3
                    ld.param.u64 %rd1, [a]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [c]; ld.param.u32 %r1, [n];
                    mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x; mov.u32 %r4, %tid.x;
                    mad.lo.s32 %r5, %r2, %r3, %r4;
                    setp.ge.s32 %p1, %r5, %r1;
                    @%p1 bra $END;
                    cvta.to.global.u64 %rd4, %rd1; cvta.to.global.u64 %rd5, %rd2; cvta.to.global.u64 %rd6, %rd3;
                    mul.wide.s32 %rd7, %r5, 4;
                    add.s64 %rd8, %rd4, %rd7; add.s64 %rd9, %rd5, %rd7; add.s64 %rd10, %rd6, %rd7;
                    ld.global.nc.f32 %f1, [%rd8]; ld.global.L1::no_allocate.f32 %f2, [%rd9];
                    add.f32 %f3, %f1, %f2;
                    st.global.cs.f32 [%rd10], %f3;
                $END:
                    ret;
                }
                """;
        int n = 1000;
        int[] input = ints(3 * n, i -> i < 2 * n ? Float.floatToRawIntBits(i % n * 0.5f) : 0);
        int[] output = run(
                ptx,
                Launch.of("add", 256, "buffer", "buffer+" + 4 * n, "buffer+" + 8 * n, n)
                        .withGrid("4"),
                input);
        assertThat(Arrays.copyOfRange(output, 2 * n, 3 * n)).isEqualTo(ints(n, i -> Float.floatToRawIntBits(i)));
    }

    @Test
    void reducesInSharedMemoryWithDynamicSize() {
        String ptx = Ptx.HEADER + ".extern .shared .align 16 .b8 sums[];\n"
                + Ptx.kernel("""
                .shared .u32 before; // dynamic shared memory begins behind static
                mov.u32 %r1, %tid.x; mul.wide.u32 %rd1, %r1, 4; add.u64 %rd2, %rd0, %rd1;
                ld.global.u32 %r2, [%rd2];
                st.shared.u32 [before], 77;
                mov.u32 %r3, sums; shl.b32 %r4, %r1, 2; add.u32 %r5, %r3, %r4;
                st.shared.u32 [%r5], %r2;
                mov.u32 %r6, %ntid.x;
                LOOP: bar.sync 0;
                shr.u32 %r6, %r6, 1;
                setp.eq.u32 %p1, %r6, 0; @%p1 bra DONE;
                setp.lt.u32 %p2, %r1, %r6;
                shl.b32 %r7, %r6, 2; add.u32 %r8, %r5, %r7;
                @%p2 ld.shared.u32 %r9, [%r8];
                @%p2 ld.shared.u32 %r10, [%r5];
                @%p2 add.u32 %r10, %r10, %r9;
                @%p2 st.shared.u32 [%r5], %r10;
                bra LOOP;
                DONE: setp.ne.u32 %p3, %r1, 0; @%p3 ret;
                ld.shared.u32 %r11, [sums]; ld.shared.u32 %r12, [before];
                add.u32 %r11, %r11, %r12;
                st.global.u32 [%rd0], %r11;
                """).substring(Ptx.HEADER.length());
        int[] output = run(ptx, Launch.of("k", 256, "buffer").withShared(1024), ints(256, i -> i * i));
        assertThat(output[0])
                .isEqualTo(77 + IntStream.range(0, 256).map(i -> i * i).sum());
    }

    @Test
    void followsEachThreadThroughDivergentBranches() {
        int[] output = perThread(64, """
                mov.u32 %r2, %tid.x; and.b32 %r3, %r2, 3; mov.u32 %r1, 0;
                setp.eq.u32 %p1, %r3, 0; @%p1 bra ZERO;
                setp.eq.u32 %p2, %r3, 1; @!%p2 bra MANY;
                mov.u32 %r1, 1000; bra.uni END;
                MANY: add.u32 %r1, %r1, %r2; sub.u32 %r3, %r3, 1; setp.ne.u32 %p3, %r3, 0; @%p3 bra MANY;
                bra END;
                ZERO: mov.u32 %r1, 5;
                END:
                """);
        assertThat(output).isEqualTo(ints(64, i -> switch (i & 3) {
            case 0 -> 5;
            case 1 -> 1000;
            default -> (i & 3) * i;
        }));
    }

    @Test
    void countsThreadsThatHaveExitedOutOfBarriers() {
        int[] output = perThread(64, """
                .shared .u32 s; mov.u32 %r2, %tid.x; setp.ge.u32 %p1, %r2, 40; @%p1 exit;
                setp.eq.u32 %p2, %r2, 39; @%p2 st.shared.u32 [s], 123;
                barrier.sync 3; ld.shared.u32 %r1, [s];
                """);
        assertThat(output).isEqualTo(ints(64, i -> i < 40 ? 123 : 0));
    }

    @Test
    void synchronisesSomeWarpsAtANumberedBarrier() {
        int[] output = perThread(96, """
                .shared .u32 s; mov.u32 %r2, %tid.x; mov.u32 %r1, 1; setp.lt.u32 %p1, %r2, 32; @%p1 bra END;
                setp.lt.u32 %p2, %r2, 64; @%p2 bra PRODUCE;
                bar.sync 2, 64; ld.shared.u32 %r1, [s]; bra END;
                PRODUCE: setp.eq.u32 %p3, %r2, 63; @%p3 st.shared.u32 [s], 9; bar.arrive 2, 64;
                END:
                """);
        assertThat(output).isEqualTo(ints(96, i -> i < 64 ? 1 : 9));
    }

    @Test
    void letsThreadsWaitForEachOtherByMemory() {
        int[] output = perThread(64, """
                .shared .u32 turn; mov.u32 %r2, %tid.x; setp.ne.u32 %p1, %r2, 0; @!%p1 st.shared.u32 [turn], 63; bar.sync 0;
                SPIN: ld.volatile.shared.u32 %r3, [turn]; setp.ne.u32 %p2, %r3, %r2; @%p2 bra SPIN;
                mov.u32 %r1, %r3; atom.shared.add.u32 %r4, [turn], -1;
                """);
        assertThat(output).isEqualTo(ints(64, i -> i));
    }

    @Test
    void addsAtomicallyAcrossBlocks() {
        String body = """
                atom.global.add.u32 %r1, [%rd0], 1; red.global.max.u32 [%rd0+4], %r1; atom.add.u32 %r2, [%rd0+8], %r1;
                atom.global.inc.u32 %r3, [%rd0+12], 9; atom.global.dec.u32 %r3, [%rd0+16], 9; red.global.add.f32 [%rd0+20], 0f3f800000;
                atom.global.cas.b32 %r4, [%rd0+24], 0, 42; atom.global.exch.b32 %r5, [%rd0+28], 7; red.global.min.s32 [%rd0+32], -5; red.global.or.b32 [%rd0+36], 0x10;
                """;
        int[] output = run(Ptx.kernel(body), Launch.of("k", 50, "buffer").withGrid("4,2,1"), new int[10]);
        int expected = 400;
        assertThat(output)
                .containsExactly(
                        expected,
                        expected - 1,
                        expected * (expected - 1) / 2,
                        0,
                        0,
                        Float.floatToRawIntBits(400f),
                        42,
                        7,
                        -5,
                        16);
    }

    @Test
    void tellsEachThreadWhereItIs() {
        String body = """
                mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z; mov.u32 %r4, %ntid.x; mov.u32 %r5, %ntid.y;
                mad.lo.u32 %r6, %r3, %r5, %r2; mad.lo.u32 %r6, %r6, %r4, %r1;
                mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y; mov.u32 %r9, %ctaid.z; mov.u32 %r10, %nctaid.x; mov.u32 %r11, %nctaid.y;
                mad.lo.u32 %r12, %r9, %r11, %r8; mad.lo.u32 %r12, %r12, %r10, %r7; mad.lo.u32 %r13, %r12, 24, %r6;
                mad.wide.u32 %rd1, %r13, 4, %rd0; mov.u32 %r14, %laneid; mov.u32 %r15, %lanemask_lt; popc.b32 %r16, %r15; mov.u32 %r17, %warpid;
                shl.b32 %r13, %r13, 16; shl.b32 %r16, %r16, 8; or.b32 %r13, %r13, %r16; or.b32 %r13, %r13, %r14; add.u32 %r13, %r13, %r17; st.global.u32 [%rd1], %r13;
                """;
        int[] output = run(
                Ptx.kernel(body), Launch.of("k", 1, "buffer").withGrid("2,3,2").withBlock("4,3,2"), new int[24 * 12]);
        assertThat(output).isEqualTo(ints(24 * 12, i -> i << 16 | (i % 24) << 8 | (i % 24)));
    }

    @Test
    void initialisesVariablesAndTheirAddresses() {
        String ptx = Ptx.HEADER + """
                .visible .global .align 4 .u32 table[2][3] = {{1, 2}, {4, 5, 6}};
                .const .f32 half = 0f3f000000;
                .const .align 8 .f64 wide = 2.5;
                .global .u64 pointer = table+16;
                .global .b8 bytes[5] = {0xff, -2, 3};
                .global .s16 zero;
                """ + Ptx.kernel("""
                ld.global.u32 %r1, [table+8]; ld.global.u32 %r2, [table+12]; ld.global.u64 %rd1, [pointer]; ld.u32 %r3, [%rd1];
                ld.const.f32 %f1, [half]; ld.const.f64 %fd1, [wide]; cvt.rn.f32.f64 %f2, %fd1; ld.global.s8 %r4, [bytes+1]; ld.global.u8 %r5, [bytes+4];
                mov.u64 %rd2, bytes; ld.global.u8 %r6, [%rd2]; ld.global.s16 %r7, [zero];
                st.global.v4.u32 [%rd0], {%r1, %r2, %r3, %r4}; st.global.v2.f32 [%rd0+16], {%f1, %f2}; st.global.v2.u32 [%rd0+24], {%r5, %r6}; st.global.u32 [%rd0+32], %r7;
                """).substring(Ptx.HEADER.length());
        assertThat(run(ptx, Launch.of("k", 1, "buffer"), new int[9]))
                .containsExactly(0, 4, 5, -2, Float.floatToRawIntBits(0.5f), Float.floatToRawIntBits(2.5f), 0, 255, 0);
    }

    @Test
    void givesEachThreadItsOwnLocalMemory() {
        int[] output = perThread(64, """
                .local .align 8 .b8 stack[32]; mov.u32 %r2, %tid.x; mov.u64 %rd1, stack; st.local.u32 [%rd1+8], %r2; bar.sync 0;
                cvta.local.u64 %rd2, %rd1; ld.u32 %r1, [%rd2+8]; isspacep.local %p1, %rd2; isspacep.shared %p2, %rd2; isspacep.global %p3, %rd0;
                selp.u32 %r3, 100, 0, %p1; selp.u32 %r4, 1000, 0, %p2; selp.u32 %r5, 10000, 0, %p3; add.u32 %r1, %r1, %r3; add.u32 %r1, %r1, %r4; add.u32 %r1, %r1, %r5;
                """);
        assertThat(output).isEqualTo(ints(64, i -> 10100 + i));
    }

    @Test
    void scopesRegistersAndLabelsOfInlineBlocks() {
        int[] output = perThread(2, """
                mov.u32 %r1, 0;
                { .reg .pred p; .reg .u32 x; mov.u32 x, 4; setp.eq.u32 p, x, 4; @p bra L; add.u32 %r1, %r1, 100; L: add.u32 %r1, %r1, x; }
                { .reg .pred p; .reg .u32 x; mov.u32 x, 5; setp.eq.u32 p, x, 4; @p bra L; add.u32 %r1, %r1, 100; L: add.u32 %r1, %r1, x; }
                """);
        assertThat(output).containsExactly(109, 109);
    }

    @Test
    void letsTimePass() {
        int[] output = perThread(1, """
                mov.u64 %rd1, %clock64; mov.u64 %rd5, %globaltimer; mov.u32 %r2, 100;
                L: sub.u32 %r2, %r2, 1; setp.ne.u32 %p1, %r2, 0; @%p1 bra L;
                mov.u64 %rd2, %clock64; sub.u64 %rd3, %rd2, %rd1; cvt.u32.u64 %r1, %rd3; mov.u64 %rd6, %globaltimer; setp.lt.u64 %p2, %rd6, %rd5; @%p2 trap;
                """);
        assertThat(output[0]).isEqualTo(4 * 303);
    }

    @Test
    void passesParametersOfEverySize() {
        String ptx = Ptx.HEADER + """
                .visible .entry k(.param .u8 a, .param .u16 b, .param .align 8 .b8 c[12], .param .f64 d, .param .u64 .ptr .global .align 8 data)
                {
                    .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .b16 %h<4>;
                    ld.param.u8 %r1, [a]; ld.param.u16 %h1, [b]; cvt.u32.u16 %r2, %h1; ld.param.u32 %r3, [c+4]; ld.param.u32 %r4, [d]; ld.param.u64 %rd1, [data];
                    mov.b64 %rd2, c; ld.param.u32 %r5, [%rd2];
                    st.global.u32 [%rd1], %r1; st.global.u32 [%rd1+4], %r2; st.global.u32 [%rd1+8], %r3; st.global.u32 [%rd1+12], %r4; st.global.u32 [%rd1+16], %r5;
                    ret;
                }
                """;
        assertThat(run(ptx, Launch.of("k", 1, 200, 60000, 0x500000006L, 7, "buffer"), new int[5]))
                .containsExactly(200, 60000, 5, 7, 6);
    }
}
