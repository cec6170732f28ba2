package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PTX text as programs hand it over, linked and alone, and what is refused of it. */
class ImageTest {
    static final String HEAD = ".version 7.0\n.target sm_70\n.address_size 64\n";

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    static Memory memory(byte[] bytes) {
        Memory memory = new Memory(bytes.length + 64L);
        memory.clear();
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    static int stored(Cuda cuda, Pointer module) {
        long address = cuda.allocate(4);
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, module, "store"), 1, 1, Ptx.parameters(address)));
        return cuda.get(address, 4)[0];
    }

    /** The result and the JIT log. */
    static String load(Cuda cuda, byte[] image) {
        Memory log = new Memory(512);
        Memory values = new Memory(16);
        log.clear();
        values.setPointer(0, log);
        values.setLong(8, 512);
        int result = cuda.cuModuleLoadDataEx(new PointerByReference(), memory(image), 2, new int[] {5, 6}, values);
        return result + " " + log.getString(0);
    }

    @Test
    void linksWhatSeveralTextsDefine() throws Exception {
        Child.run(cards, ImageTest.class, "linked");
    }

    static void linked() {
        Cuda cuda = Cuda.withContext();
        String caller = HEAD + """
                .extern .func (.param .b32 r) triple(.param .b32 x);
                .extern .global .align 4 .u32 counter;
                .global .align 4 .u32 own = 1;
                .visible .entry store(.param .u64 p)
                {
                    .reg .b32 %r<4>; .reg .b64 %rd<2>; ld.param.u64 %rd1, [p]; ld.global.u32 %r1, [counter]; ld.global.u32 %r3, [own];
                    add.u32 %r1, %r1, %r3;
                    { .param .b32 a; .param .b32 v; st.param.b32 [a], %r1; call (v), triple, (a); ld.param.b32 %r2, [v]; }
                    st.global.u32 [%rd1], %r2; ret;
                }
                """;
        String callee = HEAD + """
                .visible .global .align 4 .u32 counter = 4;
                .global .align 4 .u32 own = 100;
                .visible .func (.param .b32 r) triple(.param .b32 x)
                { .reg .b32 t; ld.param.b32 t, [x]; mul.lo.u32 t, t, 3; st.param.b32 [r], t; ret; }
                """;
        PointerByReference state = new PointerByReference();
        Cuda.check(cuda.cuLinkCreate_v2(0, null, null, state));
        for (String text : new String[] {caller, callee}) {
            Memory data = Ptx.image(text);
            Cuda.check(cuda.cuLinkAddData_v2(state.getValue(), 1, data, data.size(), "some.ptx", 0, null, null));
        }
        PointerByReference image = new PointerByReference();
        LongByReference size = new LongByReference();
        Cuda.check(cuda.cuLinkComplete(state.getValue(), image, size));
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, image.getValue()));
        Cuda.check(cuda.cuLinkDestroy(state.getValue()));
        assertThat(stored(cuda, module.getValue())).isEqualTo(15);
        assertThat(cuda.cuLinkDestroy(state.getValue())).isEqualTo(Cuda.INVALID_HANDLE);
    }

    @Test
    void tellsWhatTheLinkerMisses() throws Exception {
        Child.run(cards, ImageTest.class, "unlinked");
    }

    static void unlinked() {
        Cuda cuda = Cuda.withContext();
        Memory log = new Memory(512);
        Memory values = new Memory(16);
        values.setPointer(0, log);
        values.setLong(8, 512);
        PointerByReference state = new PointerByReference();
        Cuda.check(cuda.cuLinkCreate_v2(2, new int[] {5, 6}, values, state));
        Memory faulty = Ptx.image(Ptx.KERNELS.replace("add.f32 ", "adb.f32 "));
        assertThat(cuda.cuLinkAddData_v2(state.getValue(), 1, faulty, faulty.size(), null, 0, null, null))
                .isEqualTo(Cuda.INVALID_PTX);
        assertThat(log.getString(0)).contains("adb");
        Memory lonely = Ptx.image(HEAD + ".extern .func absent();\n.visible .entry k() { call absent; ret; }\n");
        Cuda.check(cuda.cuLinkAddData_v2(state.getValue(), 1, lonely, lonely.size(), null, 0, null, null));
        assertThat(cuda.cuLinkComplete(state.getValue(), new PointerByReference(), new LongByReference()))
                .isEqualTo(Cuda.INVALID_IMAGE);
        assertThat(log.getString(0)).contains("absent");
        assertThat(cuda.cuModuleLoadData(new PointerByReference(), lonely)).isEqualTo(Cuda.INVALID_PTX);
        assertThat(cuda.cuLinkAddData_v2(state.getValue(), 1, null, 4, null, 0, null, null))
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuLinkAddData_v2(state.getValue(), 3, lonely, lonely.size(), null, 0, null, null))
                .as("an object file")
                .isEqualTo(Cuda.NO_BINARY_FOR_GPU);
        assertThat(cuda.cuLinkAddData_v2(null, 1, lonely, 4, null, 0, null, null))
                .isEqualTo(Cuda.INVALID_HANDLE);
        Cuda.check(cuda.cuLinkDestroy(state.getValue()));
    }

    @Test
    void tellsPtxOfLaterToolchainsAndGpusApart() throws Exception {
        Child.run(cards, ImageTest.class, "versions");
        Child.run(cards, Map.of("CUDA_DISABLE_PTX_JIT", "1"), ImageTest.class, "withoutCompiler");
    }

    static void versions() {
        Cuda cuda = Cuda.withContext();
        String later = Ptx.KERNELS.replace(".version 7.0", ".version 8.7");
        assertThat(load(cuda, later.getBytes(StandardCharsets.US_ASCII)))
                .contains("222")
                .contains("8.7");
        String larger = Ptx.KERNELS.replace("sm_80", "sm_90");
        assertThat(load(cuda, larger.getBytes(StandardCharsets.US_ASCII)))
                .contains("218")
                .contains("sm_80");
        assertThat(cuda.cuModuleLoadDataEx(
                        new PointerByReference(), Ptx.image(Ptx.KERNELS), 1, new int[] {77}, new Memory(8)))
                .as("an option that is none")
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    static void withoutCompiler() {
        Cuda cuda = Cuda.withContext();
        assertThat(load(cuda, Ptx.KERNELS.getBytes(StandardCharsets.US_ASCII))).startsWith("223");
    }
}
