package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A kernel that goes wrong ends with the driver's error, and the message says where. */
class PtxFaultTest {
    private static Result run(String body) {
        return Interpreter.SANITIZED.run(Ptx.kernel("\n" + body), Launch.of("k", 2, "buffer"), new byte[64]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ld.global.u32 %r1, [%rd0+64];|ILLEGAL_ADDRESS",
                "ld.global.u32 %r1, [%rd0+-4];|ILLEGAL_ADDRESS",
                "ld.global.u64 %rd1, [%rd0+60];|MISALIGNED",
                "ld.global.u8 %r1, [%rd0+63];|OK",
                "ld.global.u16 %r1, [%rd0+63];|MISALIGNED",
                "ld.global.u32 %r1, [0];|ILLEGAL_ADDRESS",
                "ld.u32 %r1, [%rd0+2];|MISALIGNED",
                "st.global.u32 [%rd0+4096], %r1;|ILLEGAL_ADDRESS",
                "ld.global.v4.u32 {%r1,%r2,%r3,%r4}, [%rd0+8];|MISALIGNED",
                "ld.global.v4.u32 {%r1,%r2,%r3,%r4}, [%rd0+48];|OK",
                "ld.global.v2.u64 {%rd1,%rd2}, [%rd0+64];|ILLEGAL_ADDRESS",
                ".shared .b32 s; ld.shared.u32 %r1, [s+4];|ILLEGAL_ADDRESS",
                ".shared .b32 s; ld.shared.u32 %r1, [s+1];|MISALIGNED",
                ".local .b32 l; ld.local.u32 %r1, [l+4];|ILLEGAL_ADDRESS",
                "ld.param.u32 %r1, [data+8];|ILLEGAL_ADDRESS",
                "atom.global.add.u32 %r1, [%rd0+64], 1;|ILLEGAL_ADDRESS",
                "atom.global.add.u32 %r1, [%rd0+2], 1;|MISALIGNED",
                "red.shared.add.u32 [0], 1;|ILLEGAL_ADDRESS",
                "trap;|ILLEGAL_INSTRUCTION",
                "bar.sync 16;|ILLEGAL_INSTRUCTION",
                "bar.sync 1, 33;|ILLEGAL_INSTRUCTION"
            })
    void endsWithTheErrorOfTheDriver(String instruction, Status status) {
        Result result = run(instruction);
        assertThat(result.status()).as(result.message()).isEqualTo(status);
        if (status != Status.OK)
            assertThat(result.message()).contains("k: block (0,0,0), thread (0,0,0), PTX line " + (Ptx.FIRST_LINE + 1));
    }

    @Test
    void namesTheThreadAndTheAddress() {
        Result result = Interpreter.SANITIZED.run(
                Ptx.kernel(
                        "mov.u32 %r1, %tid.y;\nmul.wide.u32 %rd1, %r1, 16;\nadd.u64 %rd1, %rd1, %rd0;\nst.global.u32 [%rd1], %r1;"),
                Launch.of("k", 1, "buffer").withBlock("2,8,1"),
                new byte[64]);
        assertThat(result.status()).isEqualTo(Status.ILLEGAL_ADDRESS);
        assertThat(result.message())
                .contains("thread (0,4,0)")
                .contains("0x700000000040")
                .contains("4 bytes");
    }

    @Test
    void keepsLoadsOffOtherWindows() {
        assertThat(run(".shared .b32 s; cvta.shared.u64 %rd1, 0; ld.global.u32 %r1, [%rd1];")
                        .status())
                .isEqualTo(Status.ILLEGAL_ADDRESS);
        assertThat(run(".shared .b32 s; mov.u64 %rd1, s; cvta.shared.u64 %rd1, %rd1; ld.u32 %r1, [%rd1];")
                        .status())
                .isEqualTo(Status.OK);
        assertThat(run(".shared .b32 s; mov.u64 %rd1, s; cvta.shared.u64 %rd1, %rd1; ld.u32 %r1, [%rd1+4];")
                        .status())
                .isEqualTo(Status.ILLEGAL_ADDRESS);
    }

    @Test
    void refusesBlocksThatTheKernelDoesNotTake() {
        String ptx = Ptx.HEADER
                + ".visible .entry k() .reqntid 32, 2 { ret; }\n.visible .entry m() .maxntid 64, 1, 1 .minnctapersm 2 { ret; }";
        assertThat(Interpreter.SANITIZED
                        .run(ptx, Launch.of("k", 64), new byte[0])
                        .status())
                .isEqualTo(Status.INVALID_LAUNCH);
        assertThat(Interpreter.SANITIZED
                        .run(ptx, Launch.of("k", 0).withBlock("32,2"), new byte[0])
                        .status())
                .isEqualTo(Status.OK);
        assertThat(Interpreter.SANITIZED
                        .run(ptx, Launch.of("m", 65), new byte[0])
                        .status())
                .isEqualTo(Status.INVALID_LAUNCH);
        assertThat(Interpreter.SANITIZED
                        .run(ptx, Launch.of("m", 64).withGrid("0"), new byte[0])
                        .status())
                .isEqualTo(Status.INVALID_LAUNCH);
    }

    @Test
    void cancelsAKernelThatNeverEnds() {
        byte[] ptx = Ptx.kernel("L: bra L;").getBytes(StandardCharsets.UTF_8);
        Result result = Interpreter.PLAIN.run(
                ptx, Launch.of("k", 64, "buffer"), new byte[8], Map.of("PTX_RUN_CANCEL_MS", "50"));
        assertThat(result.status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void tellsOfABarrierThatNobodyCompletes() {
        Result result = run("mov.u32 %r1, %tid.x; bar.sync %r1;");
        assertThat(result.status()).isEqualTo(Status.ILLEGAL_INSTRUCTION);
        assertThat(result.message()).contains("would hang");
    }
}
