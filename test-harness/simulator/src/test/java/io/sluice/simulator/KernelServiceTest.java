package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver does for kernels while they run: blocks that meet, text that is printed. */
class KernelServiceTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void blocksOfACooperativeLaunchMeet() throws Exception {
        Child.run(cards, KernelServiceTest.class, "cooperative");
    }

    static void cooperative() {
        Cuda cuda = Cuda.withContext();
        String text = ImageTest.HEAD + """
                .visible .entry meet(.param .u64 p)
                {
                    .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %q;
                    ld.param.u64 %rd1, [p]; mov.b64 %rd2, {%envreg2, %envreg1}; setp.eq.u64 %q, %rd2, 0; @%q trap;
                    mov.u32 %r1, %nctaid.x; atom.global.add.u32 %r2, [%rd2+4], 1;
                AGAIN:
                    ld.acquire.gpu.global.u32 %r3, [%rd2+4]; setp.ne.u32 %q, %r3, %r1; @%q bra AGAIN;
                    red.global.add.u32 [%rd1], 1; ret;
                }
                """;
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, Ptx.image(text)));
        Pointer meet = Ptx.function(cuda, module.getValue(), "meet");
        long address = cuda.allocate(4);
        Cuda.check(cuda.cuMemsetD8_v2(address, (byte) 0, 4));
        Memory parameters = Ptx.parameters(address);
        for (int launch = 0; launch < 2; launch++)
            Cuda.check(cuda.cuLaunchCooperativeKernel(meet, 9, 1, 1, 1, 1, 1, 0, null, parameters));
        assertThat(cuda.get(address, 4)).containsExactly(18, 0, 0, 0);
        assertThat(cuda.cuLaunchCooperativeKernel(meet, 100_000, 1, 1, 1024, 1, 1, 0, null, parameters))
                .as("more blocks than fit the GPU at once")
                .isEqualTo(720);
    }

    @Test
    void whatKernelsPrintAppearsWhenTheDeviceIsWaitedFor() throws Exception {
        try (Child child = Child.start(cards, Map.of(), KernelServiceTest.class, "printing")) {
            for (int i = 0; i < 3; i++) assertThat(child.line()).isEqualTo("thread " + i);
            assertThat(child.line()).isEqualTo("waited");
            for (int i = 3; i < 6; i++) assertThat(child.line()).isEqualTo("thread " + (i - 3));
            assertThat(child.line()).isEqualTo("copied");
            child.awaitSuccess();
        }
    }

    static void printing() {
        Cuda cuda = Cuda.withContext();
        String text = ImageTest.HEAD + """
                .extern .func (.param .b32 status) vprintf(.param .b64 format, .param .b64 arguments);
                .global .align 1 .b8 text[11] = {116, 104, 114, 101, 97, 100, 32, 37, 100, 10, 0};
                .visible .entry say()
                {
                    .local .align 8 .b8 stack[8]; .reg .b32 %r<4>; .reg .b64 %rd<4>; mov.u64 %rd1, stack; cvta.local.u64 %rd2, %rd1;
                    mov.u64 %rd3, text; cvta.global.u64 %rd3, %rd3; mov.u32 %r1, %tid.x; st.u32 [%rd2], %r1;
                    call.uni (%r2), vprintf, (%rd3, %rd2); ret;
                }
                """;
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, Ptx.image(text)));
        Pointer say = Ptx.function(cuda, module.getValue(), "say");
        long address = cuda.allocate(4);
        Cuda.check(Ptx.launch(cuda, say, 1, 3, null));
        Cuda.check(cuda.cuCtxSynchronize());
        Child.tell("waited");
        Cuda.check(Ptx.launch(cuda, say, 1, 3, null));
        cuda.get(address, 4);
        Child.tell("copied");
    }
}
