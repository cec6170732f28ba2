package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static io.sluice.simulator.ptx.Kernels.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Functions: calls, recursion, calls by address, and what the runtime of the GPU provides. */
class PtxCallTest {
    private static final Launch LAUNCH = Launch.of("k", 64, "buffer");

    private static final String FIBONACCI = """
            .visible .func (.param .b32 result) fib(.param .b32 n)
            {
                .local .align 4 .b8 depot[16]; .reg .b32 %r<8>; .reg .b64 %sp<2>; .reg .pred %p;
                ld.param.u32 %r1, [n]; mov.u64 %sp0, depot; cvta.local.u64 %sp1, %sp0; st.u32 [%sp1+4], %r1;
                setp.lt.u32 %p, %r1, 2; @%p bra BASE;
                sub.u32 %r2, %r1, 1; sub.u32 %r3, %r1, 2;
                { .param .b32 a; st.param.b32 [a+0], %r2; .param .b32 v; call.uni (v), fib, (a); ld.param.b32 %r4, [v+0]; }
                { .param .b32 a; st.param.b32 [a+0], %r3; .param .b32 v; call.uni (v), fib, (a); ld.param.b32 %r5, [v+0]; }
                ld.local.u32 %r6, [%sp0+4]; setp.ne.u32 %p, %r6, %r1; @%p trap;
                add.u32 %r7, %r4, %r5; st.param.b32 [result+0], %r7; ret;
            BASE: st.param.b32 [result+0], %r1; ret;
            }
            """;

    private static String module(String functions, String body) {
        return Ptx.HEADER + functions + Ptx.kernel(body).substring(Ptx.HEADER.length());
    }

    private static int[] perThread(String functions, String body) {
        String ending = "\nmov.u32 %r30, %tid.x; mad.wide.u32 %rd30, %r30, 4, %rd0; st.global.u32 [%rd30], %r1;";
        return run(module(functions, body + ending), LAUNCH, new int[64]);
    }

    @Test
    void recursesWithRegistersAndLocalMemoryOfEachCall() {
        int[] output = perThread(FIBONACCI, """
                mov.u32 %r2, %tid.x; and.b32 %r2, %r2, 15;
                { .param .b32 a; st.param.b32 [a+0], %r2; .param .b32 v; call.uni (v), fib, (a); ld.param.b32 %r1, [v+0]; }
                """);
        int[] fibonacci = {0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610};
        assertThat(output).isEqualTo(ints(64, i -> fibonacci[i & 15]));
    }

    @Test
    void passesRegistersStructuresAndSeveralResults() {
        int[] output = perThread("""
                .func (.reg .u32 low, .reg .u64 high) split(.reg .u64 x, .reg .u32 by)
                { .reg .u64 t; cvt.u32.u64 low, x; shr.u64 high, x, by; ret; }
                .func (.param .align 16 .b8 out[16]) twist(.param .align 16 .b8 in[16])
                {
                    .reg .b64 %a<4>; ld.param.v2.b64 {%a0, %a1}, [in]; st.param.b64 [out], %a1; st.param.b64 [out+8], %a0; ret;
                }
                """, """
                mov.u32 %r2, %tid.x; cvt.u64.u32 %rd1, %r2; shl.b64 %rd1, %rd1, 32; or.b64 %rd1, %rd1, 5;
                call (%r3, %rd2), split, (%rd1, 32); cvt.u32.u64 %r4, %rd2;
                { .param .align 16 .b8 a[16]; .param .align 16 .b8 v[16]; st.param.b64 [a], %rd1; st.param.b64 [a+8], 1000;
                  call (v), twist, (a); ld.param.v2.b64 {%rd3, %rd4}, [v]; }
                cvt.u32.u64 %r5, %rd3; setp.ne.u64 %p1, %rd4, %rd1; @%p1 trap;
                add.u32 %r1, %r3, %r4; add.u32 %r1, %r1, %r5;
                """);
        assertThat(output).isEqualTo(ints(64, i -> 1005 + i));
    }

    @Test
    void callsByAddressFromATableOfFunctions() {
        int[] output = perThread("""
                .func (.param .b32 r) one(.param .b32 x) { .reg .b32 t; ld.param.b32 t, [x]; add.u32 t, t, 1; st.param.b32 [r], t; ret; }
                .func (.param .b32 r) two(.param .b32 x) { .reg .b32 t; ld.param.b32 t, [x]; mul.lo.u32 t, t, 2; st.param.b32 [r], t; ret; }
                .global .align 8 .u64 table[2] = {one, two};
                """, """
                mov.u32 %r2, %tid.x; and.b32 %r3, %r2, 1; mul.wide.u32 %rd1, %r3, 8; mov.u64 %rd2, table; add.u64 %rd1, %rd1, %rd2;
                ld.global.u64 %rd3, [%rd1]; mov.u64 %rd4, two; setp.eq.u64 %p1, %rd3, %rd4; selp.u32 %r5, 1, 0, %p1;
                proto: .callprototype (.param .b32 _) _ (.param .b32 _);
                { .param .b32 a; .param .b32 v; st.param.b32 [a], %r2; call (v), %rd3, (a), proto; ld.param.b32 %r1, [v]; }
                setp.ne.u32 %p2, %r5, %r3; @%p2 trap;
                """);
        assertThat(output).isEqualTo(ints(64, i -> i % 2 == 0 ? i + 1 : 2 * i));
    }

    @Test
    void meetsAtBarriersAndSharesMemoryInsideFunctions() {
        String ptx = module("""
                .shared .align 4 .u32 sums[4]; .extern .shared .align 4 .b8 dynamic[];
                .func (.param .b32 r) shift(.param .b32 x)
                {
                    .shared .align 4 .u32 own[64]; .reg .b32 %r<8>; ld.param.u32 %r1, [x]; mov.u32 %r2, %tid.x; shl.b32 %r3, %r2, 2;
                    mov.u32 %r4, own; add.u32 %r4, %r4, %r3; st.shared.u32 [%r4], %r1; bar.sync 0;
                    mov.u32 %r4, own; xor.b32 %r3, %r3, 4; add.u32 %r4, %r4, %r3; ld.shared.u32 %r5, [%r4];
                    mov.u32 %r6, dynamic; shl.b32 %r3, %r2, 2; add.u32 %r6, %r6, %r3; st.shared.u32 [%r6], %r5;
                    atom.shared.add.u32 %r7, [sums+8], %r1; st.param.b32 [r], %r5; ret;
                }
                """, """
                .shared .align 4 .u32 mine[64]; mov.u32 %r2, %tid.x; setp.eq.u32 %p1, %r2, 0; @%p1 st.shared.u32 [sums+8], 0;
                mov.u32 %r10, mine; shl.b32 %r11, %r2, 2; add.u32 %r10, %r10, %r11; st.shared.u32 [%r10], 7; bar.sync 0;
                call (%r1), shift, (%r2); bar.sync 0; ld.shared.u32 %r3, [%r10]; setp.ne.u32 %p2, %r3, 7; @%p2 trap;
                ld.shared.u32 %r4, [sums+8]; add.u32 %r1, %r1, %r4; mov.u32 %r5, dynamic; add.u32 %r5, %r5, %r11; ld.shared.u32 %r6, [%r5];
                add.u32 %r1, %r1, %r6; mad.wide.u32 %rd30, %r2, 4, %rd0; st.global.u32 [%rd30], %r1;
                """);
        assertThat(run(ptx, LAUNCH.withShared(256), new int[64])).isEqualTo(ints(64, i -> 2 * (i ^ 1) + 63 * 32));
    }

    @Test
    void branchesByIndex() {
        int[] output = perThread("", """
                mov.u32 %r2, %tid.x; and.b32 %r2, %r2, 3;
                list: .branchtargets A, B, A, C;
                brx.idx %r2, list;
                A: mov.u32 %r1, 10; bra END;
                B: mov.u32 %r1, 20; bra END;
                C: mov.u32 %r1, 30;
                END:
                """);
        assertThat(output).isEqualTo(ints(64, i -> new int[] {10, 20, 10, 30}[i & 3]));
    }

    @Test
    void endsRunawayRecursionAndWildCalls() {
        String endless = module(
                ".func f(.param .b32 x) { .param .b32 a; st.param.b32 [a], 1; call f, (a); ret; }", "call f, (7);");
        assertThat(Interpreter.SANITIZED
                        .run(endless, Launch.of("k", 1, "buffer"), new byte[4])
                        .status())
                .isEqualTo(Status.STACK_OVERFLOW);
        String wild = module("", "p: .callprototype _ ();\nmov.u64 %rd1, 12345; call %rd1, (), p;");
        Result result = Interpreter.SANITIZED.run(wild, Launch.of("k", 1, "buffer"), new byte[4]);
        assertThat(result.status()).as(result.message()).isEqualTo(Status.ILLEGAL_INSTRUCTION);
    }

    private static final String PRINTS = """
            .extern .func (.param .b32 status) vprintf(.param .b64 format, .param .b64 arguments);
            .extern .func __assertfail(.param .b64 m, .param .b64 f, .param .b32 l, .param .b64 fn, .param .b64 c);
            .global .b8 text[40] = {%s};
            .global .b8 word[6] = {104, 101, 108, 108, 111, 0};
            """;

    private static String print(String format, String body) {
        StringBuilder bytes = new StringBuilder();
        for (byte one : format.getBytes(UTF_8)) bytes.append(one).append(", ");
        return module(PRINTS.formatted(bytes + "0"), """
                .local .align 8 .b8 stack[40]; mov.u64 %%rd1, stack; cvta.local.u64 %%rd2, %%rd1; mov.u64 %%rd3, text; cvta.global.u64 %%rd3, %%rd3;
                mov.u32 %%r2, %%tid.x; mov.u64 %%rd4, word; cvta.global.u64 %%rd4, %%rd4;
                %s
                call (%%r1), vprintf, (%%rd3, %%rd2); st.global.u32 [%%rd0], %%r1;
                """.formatted(body));
    }

    @Test
    void printsInTheOrderOfTheThreads() {
        String ptx = print("%d %s|%5.2f|%c%%\n", """
                st.local.u32 [%rd1], %r2; st.local.u64 [%rd1+8], %rd4; mov.b64 %rd5, 0d400920c49ba5e354; st.local.u64 [%rd1+16], %rd5;
                st.local.u32 [%rd1+24], 65;
                """);
        Result result = Interpreter.SANITIZED.run(ptx, Launch.of("k", 3, "buffer"), new byte[4]);
        assertThat(result.status()).as(result.message()).isEqualTo(Status.OK);
        assertThat(result.message()).isEqualTo("0 hello| 3.14|A%\n1 hello| 3.14|A%\n2 hello| 3.14|A%");
        assertThat(result.buffer()).containsExactly(4, 0, 0, 0);
    }

    @Test
    void printsWhateverTheFormatSays() {
        Result result = Interpreter.SANITIZED.run(
                print("[%-6s] %*d %08x %lld %q %", """
                        st.local.u64 [%rd1], %rd4; st.local.u32 [%rd1+8], 5; st.local.u32 [%rd1+12], -42; st.local.u32 [%rd1+16], 48879; st.local.u64 [%rd1+24], -7;
                        """), Launch.of("k", 1, "buffer"), new byte[4]);
        assertThat(result.message()).isEqualTo("[hello ]   -42 0000beef -7 %q %");
        Result wild = Interpreter.SANITIZED.run(
                print("%s", "st.local.u64 [%rd1], 4096;"), Launch.of("k", 1, "buffer"), new byte[4]);
        assertThat(wild.status()).isEqualTo(Status.ILLEGAL_ADDRESS);
    }

    @Test
    void tellsOfAFailedAssertion() {
        String ptx = module(PRINTS.formatted("120, 62, 48, 0"), """
                mov.u64 %rd1, text; mov.u64 %rd2, word; call __assertfail, (%rd1, %rd2, 12, %rd2, 1);
                """);
        Result result =
                Interpreter.SANITIZED.run(ptx.getBytes(UTF_8), Launch.of("k", 1, "buffer"), new byte[4], Map.of());
        assertThat(result.status()).isEqualTo(Status.ASSERTED);
        assertThat(result.message())
                .contains("hello:12: hello: block: [0,0,0], thread: [0,0,0] Assertion `x>0` failed.");
    }
}
