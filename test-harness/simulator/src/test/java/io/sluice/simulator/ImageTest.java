package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernel images in all forms in which programs carry PTX, and the refusals of those that cannot run. */
class ImageTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    private static Memory memory(byte[] bytes) {
        Memory memory = new Memory(bytes.length + 64L);
        memory.clear();
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    /** PTX whose kernel stores a number. */
    private static String storing(int number) {
        return Ptx.KERNELS.replace("mov.u32 %r1, 7;", "mov.u32 %r1, " + number + ";");
    }

    private static int stored(Cuda cuda, Pointer module) {
        long address = cuda.allocate(4);
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, module, "store"), 1, 1, Ptx.parameters(address)));
        return cuda.get(address, 4)[0];
    }

    private static int stored(Cuda cuda, byte[] image) {
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadFatBinary(module, memory(image)));
        return stored(cuda, module.getValue());
    }

    @Test
    void takesThePtxForTheLatestArchitectureThatTheGpuHas() throws Exception {
        Child.run(cards, ImageTest.class, "choice");
    }

    static void choice() {
        Cuda cuda = Cuda.withContext();
        Fatbin mixed = new Fatbin()
                .plain(Fatbin.PTX, 52, storing(52))
                .plain(Fatbin.CUBIN, 80, "\177ELF machine code")
                .plain(Fatbin.PTX, 80, storing(80))
                .plain(Fatbin.PTX, 70, storing(70))
                .plain(Fatbin.PTX, 90, storing(90));
        assertThat(stored(cuda, mixed.bytes())).isEqualTo(80);

        byte[] bytes = mixed.bytes();
        Memory container = memory(bytes);
        Memory wrapper = new Memory(24);
        wrapper.clear();
        wrapper.setInt(0, 0x466243b1);
        wrapper.setInt(4, 1);
        wrapper.setPointer(8, container);
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, wrapper));
        assertThat(stored(cuda, module.getValue())).as("through a wrapper").isEqualTo(80);
        PointerByReference library = new PointerByReference();
        Cuda.check(cuda.cuLibraryLoadData(library, wrapper, null, null, 0, null, null, 0));
    }

    @Test
    void unpacksLz4() throws Exception {
        Child.run(cards, ImageTest.class, "lz4");
    }

    static void lz4() throws Exception {
        Cuda cuda = Cuda.withContext();
        byte[] image = new Fatbin().packed(70, Fatbin.LZ4, storing(33)).bytes();
        assertThat(image.length).as("it is compressed").isLessThan(storing(33).length());
        assertThat(stored(cuda, image)).isEqualTo(33);
        Path file = Files.createTempFile("sluice-", ".fatbin");
        Files.write(file, image);
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoad(module, file.toString()));
        assertThat(stored(cuda, module.getValue())).as("from a file").isEqualTo(33);
        Files.delete(file);
    }

    @Test
    void unpacksZstdWithTheSystemsLibrary() throws Exception {
        assumeTrue(Native.hasZstd(), "needs libzstd.so.1");
        Child.run(cards, ImageTest.class, "zstd");
    }

    static void zstd() {
        Cuda cuda = Cuda.withContext();
        String large = storing(44) + "// x\n".repeat(60_000);
        assertThat(stored(cuda, new Fatbin().packed(80, Fatbin.ZSTD, large).bytes()))
                .isEqualTo(44);
    }

    @Test
    void refusesFatbinsWithoutPtxForThisGpu() throws Exception {
        Child.run(cards, ImageTest.class, "nothingForThisGpu");
    }

    static void nothingForThisGpu() {
        Cuda cuda = Cuda.withContext();
        assertThat(load(cuda, new Fatbin().plain(Fatbin.CUBIN, 80, "\177ELF").bytes()))
                .contains("209")
                .contains("cubin");
        assertThat(load(cuda, new Fatbin().plain(Fatbin.PTX, 90, storing(1)).bytes()))
                .contains("209")
                .contains("later");
        assertThat(load(cuda, new Fatbin().bytes())).contains("209");
        byte[] packed = Fatbin.lz4(storing(5).getBytes(StandardCharsets.US_ASCII));
        assertThat(load(cuda, new Fatbin().packed(80, Fatbin.LZ4, packed, 100).bytes()))
                .contains("209")
                .contains("LZ4");
        assertThat(load(
                        cuda,
                        new Fatbin().packed(80, Fatbin.LZ4, packed, 1L << 60).bytes()))
                .contains("209")
                .contains("size");
    }

    /** The result and the JIT log. */
    private static String load(Cuda cuda, byte[] image) {
        Memory log = new Memory(512);
        Memory values = new Memory(16);
        log.clear();
        values.setPointer(0, log);
        values.setLong(8, 512);
        int result = cuda.cuModuleLoadDataEx(new PointerByReference(), memory(image), 2, new int[] {5, 6}, values);
        return result + " " + log.getString(0);
    }

    @Test
    void survivesDamagedFatbins() throws Exception {
        Child.run(cards, ImageTest.class, "damaged");
    }

    static void damaged() {
        Cuda cuda = Cuda.withContext();
        Random random = new Random(5);
        byte[] whole = new Fatbin()
                .packed(80, Fatbin.LZ4, storing(3))
                .packed(70, Fatbin.ZSTD, storing(4))
                .bytes();
        for (int round = 0; round < 3000; round++) {
            byte[] image = whole.clone();
            for (int i = random.nextInt(4); i >= 0; i--) // the length of the container is what says where it ends
            image[16 + random.nextInt(round % 2 == 0 ? 64 : image.length - 16)] = (byte) random.nextInt(256);
            Memory given = memory(image);
            PointerByReference state = new PointerByReference();
            Cuda.check(cuda.cuLinkCreate_v2(0, null, null, state));
            int result = cuda.cuLinkAddData_v2(
                    state.getValue(), 2, given, 1 + random.nextInt(image.length), null, 0, null, null);
            assertThat(result).isIn(0, 200, 209, 218, 222);
            Cuda.check(cuda.cuLinkDestroy(state.getValue()));
            PointerByReference module = new PointerByReference();
            result = cuda.cuModuleLoadData(module, given);
            assertThat(result).isIn(0, 2, 200, 209, 218, 222);
            if (result == 0) Cuda.check(cuda.cuModuleUnload(module.getValue()));
        }
    }

    private static final String HEAD = ".version 7.0\n.target sm_70\n.address_size 64\n";

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

    @Test
    void blocksOfACooperativeLaunchMeet() throws Exception {
        Child.run(cards, ImageTest.class, "cooperative");
    }

    static void cooperative() {
        Cuda cuda = Cuda.withContext();
        String text = HEAD + """
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
        try (Child child = Child.start(cards, Map.of(), ImageTest.class, "printing")) {
            for (int i = 0; i < 3; i++) assertThat(child.line()).isEqualTo("thread " + i);
            assertThat(child.line()).isEqualTo("waited");
            for (int i = 3; i < 6; i++) assertThat(child.line()).isEqualTo("thread " + (i - 3));
            assertThat(child.line()).isEqualTo("copied");
            child.awaitSuccess();
        }
    }

    static void printing() {
        Cuda cuda = Cuda.withContext();
        String text = HEAD + """
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
