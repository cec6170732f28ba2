package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static io.sluice.simulator.ptx.Kernels.perThread;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Lanes of a warp wait for each other and exchange values. */
class PtxWarpTest {
    @Test
    void synchronisesLanesOfAWarp() {
        int[] output = perThread(48, """
                .shared .u32 s[48]; mov.u32 %r2, %tid.x; shl.b32 %r3, %r2, 2; mov.u32 %r4, s; add.u32 %r4, %r4, %r3;
                st.shared.u32 [%r4], %r2; bar.warp.sync 0xffffffff; xor.b32 %r5, %r3, 4; mov.u32 %r6, s; add.u32 %r6, %r6, %r5;
                ld.shared.u32 %r1, [%r6];
                """);
        assertThat(output).isEqualTo(ints(48, i -> i ^ 1));
    }

    @Test
    void sumsAWarpByShuffles() {
        int[] output = perThread(64, """
                mov.u32 %r1, %tid.x;
                shfl.sync.down.b32 %r2, %r1, 16, 31, 0xffffffff; add.u32 %r1, %r1, %r2;
                shfl.sync.down.b32 %r2, %r1, 8, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 4, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 2, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 1, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.idx.b32 %r1, %r1, 0, 31, -1;
                """);
        assertThat(output).isEqualTo(ints(64, i -> i < 32 ? 496 : 496 + 32 * 32));
    }

    @Test
    void shufflesWithinSegmentsAndTellsWhatIsOutOfRange() {
        int[] up = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.up.b32 %r1|%p1, %r2, 3, 0x1800, -1; @!%p1 add.u32 %r1, %r1, 100;
                """);
        assertThat(up).isEqualTo(ints(32, i -> i % 8 >= 3 ? i - 3 : i + 100));
        int[] down = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.down.b32 %r1|%p1, %r2, 3, 0x1807, -1; @!%p1 add.u32 %r1, %r1, 100;
                """);
        assertThat(down).isEqualTo(ints(32, i -> i % 8 < 5 ? i + 3 : i + 100));
        int[] index = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.idx.b32 %r1, %r2, 5, 0x1807, -1;
                """);
        assertThat(index).isEqualTo(ints(32, i -> i / 8 * 8 + 5));
    }

    @Test
    void votes() {
        int[] output = perThread(40, """
                mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 35; setp.ge.u32 %p2, %r2, 0;
                vote.sync.ballot.b32 %r1, %p1, 0xffffffff;
                vote.sync.all.pred %p3, %p1, -1; vote.sync.any.pred %p4, !%p1, -1; vote.sync.uni.pred %p5, %p2, -1;
                @%p3 xor.b32 %r1, %r1, 0x10000; @%p4 xor.b32 %r1, %r1, 0x20000; @%p5 xor.b32 %r1, %r1, 0x40000;
                """);
        assertThat(output).isEqualTo(ints(40, i -> i < 32 ? ~0x50000 : 7 ^ 0x60000));
    }

    @Test
    void exchangesAmongTheLanesThatTheMaskNames() {
        int[] output = perThread(32, """
                mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 16; @%p1 bra LOW;
                shfl.sync.bfly.b32 %r1, %r2, 1, 31, 0xffff0000; bra END;
                LOW: setp.lt.u32 %p2, %r2, 4; @%p2 bra END; shfl.sync.idx.b32 %r1, %r2, 9, 31, 0xfff0;
                END:
                """);
        assertThat(output).isEqualTo(ints(32, i -> i < 4 ? 0 : i < 16 ? 9 : i ^ 1));
    }

    @Test
    void matchesReducesAndElects() {
        int[] output = perThread(40, """
                mov.u32 %r2, %tid.x; and.b32 %r3, %r2, 3; match.any.sync.b32 %r1, %r3, -1;
                cvt.u64.u32 %rd1, %r3; match.all.sync.b64 %r4|%p1, %rd1, -1; @%p1 trap;
                mov.u64 %rd2, 99; match.all.sync.b64 %r5|%p2, %rd2, -1; @!%p2 trap; xor.b32 %r1, %r1, %r5;
                redux.sync.add.s32 %r6, %r2, -1; redux.sync.max.s32 %r7, %r3, -1; redux.sync.xor.b32 %r8, %r3, -1; sub.s32 %r9, 0, %r2;
                redux.sync.min.s32 %r10, %r9, -1; redux.sync.min.u32 %r11, %r2, -1;
                mov.u32 %r13, %laneid; setp.ge.u32 %p4, %r13, 4; mov.u32 %r12, 0; setp.ne.u32 %p3, %r12, 0;
                @%p4 elect.sync %r12|%p3, 0xfffffff0; @%p3 add.u32 %r1, %r1, 1000000;
                mad.lo.u32 %r1, %r6, 7, %r1; mad.lo.u32 %r1, %r7, 11, %r1; mad.lo.u32 %r1, %r8, 13, %r1; mad.lo.u32 %r1, %r10, 17, %r1;
                mad.lo.u32 %r1, %r11, 19, %r1; mad.lo.u32 %r1, %r12, 23, %r1;
                """);
        assertThat(output).isEqualTo(ints(40, i -> {
            int lanes = i < 32 ? -1 : 0xff;
            int sum = i < 32 ? 496 : 36 * 8 - 4;
            int same = 0x11111111 << (i & 3) & lanes;
            int least = i < 32 ? -31 : -39;
            int value = (same ^ lanes) + (i % 32 == 4 ? 1000000 : 0);
            return value + sum * 7 + 3 * 11 + 17 * least + 19 * (i < 32 ? 0 : 32) + (i % 32 < 4 ? 0 : 23 * 4);
        }));
    }

    @Test
    void gathersLanesThatComeTogetherWithoutAMask() {
        int[] output = perThread(40, """
                mov.u32 %r2, %tid.x; and.b32 %r3, %r2, 1; setp.eq.u32 %p1, %r3, 0; @%p1 bra EVEN;
                activemask.b32 %r1; bra END;
                EVEN: vote.ballot.b32 %r4, %p1; shfl.down.b32 %r5|%p2, %r2, 2, 31; add.u32 %r1, %r4, %r5;
                END: bar.sync 0; vote.all.pred %p3, %p1; @%p3 trap;
                """);
        assertThat(output).isEqualTo(ints(40, i -> {
            int lanes = i < 32 ? -1 : 0xff;
            if (i % 2 == 1) return 0xaaaaaaaa & lanes;
            int from = i % 32 + 2 < (i < 32 ? 32 : 8) ? i + 2 : i;
            return (0x55555555 & lanes) + from;
        }));
    }

    @Test
    void reducesAtBarriers() {
        int[] output = perThread(64, """
                mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 5; bar.red.popc.u32 %r1, 0, %p1; bar.red.and.pred %p2, 0, %p1;
                barrier.red.or.pred %p3, 1, 64, %p1; bar.red.and.pred %p4, 0, !%p5;
                @%p2 add.u32 %r1, %r1, 100; @%p3 add.u32 %r1, %r1, 1000; @%p4 add.u32 %r1, %r1, 10000;
                """);
        assertThat(output).isEqualTo(ints(64, i -> 11005));
    }

    @Test
    void copiesToSharedMemoryBeforeTheWaitEnds() {
        int[] output = perThread(8, """
                .shared .align 16 .b8 s[128]; mov.u32 %r2, %tid.x; shl.b32 %r3, %r2, 4; mov.u32 %r4, s; add.u32 %r4, %r4, %r3;
                mad.wide.u32 %rd1, %r2, 4, %rd0; st.global.u32 [%rd1], %r2; bar.sync 0;
                cp.async.cg.shared.global [%r4], [%rd0], 16, 8; cp.async.ca.shared::cta.global.L2::128B [%r4+8], [%rd1], 4;
                cp.async.commit_group; cp.async.wait_group 0; bar.sync 0;
                ld.shared.v4.u32 {%r5, %r6, %r7, %r8}, [%r4]; mad.lo.u32 %r1, %r6, 10, %r5; mad.lo.u32 %r1, %r7, 100, %r1;
                mad.lo.u32 %r1, %r8, 10000, %r1;
                """);
        assertThat(output).isEqualTo(ints(8, i -> 10 + 100 * i));
    }
}
