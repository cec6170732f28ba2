package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Memory;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fatbins in all forms in which programs carry them, and the refusals of those that cannot run. */
class FatbinTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    /** PTX whose kernel stores a number. */
    private static String storing(int number) {
        return Ptx.KERNELS.replace("mov.u32 %r1, 7;", "mov.u32 %r1, " + number + ";");
    }

    private static int stored(Cuda cuda, byte[] image) {
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadFatBinary(module, ImageTest.memory(image)));
        return ImageTest.stored(cuda, module.getValue());
    }

    @Test
    void takesThePtxForTheLatestArchitectureThatTheGpuHas() throws Exception {
        Child.run(cards, FatbinTest.class, "choice");
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
        Memory container = ImageTest.memory(bytes);
        Memory wrapper = new Memory(24);
        wrapper.clear();
        wrapper.setInt(0, 0x466243b1);
        wrapper.setInt(4, 1);
        wrapper.setPointer(8, container);
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, wrapper));
        assertThat(ImageTest.stored(cuda, module.getValue()))
                .as("through a wrapper")
                .isEqualTo(80);
        PointerByReference library = new PointerByReference();
        Cuda.check(cuda.cuLibraryLoadData(library, wrapper, null, null, 0, null, null, 0));
    }

    @Test
    void unpacksLz4() throws Exception {
        Child.run(cards, FatbinTest.class, "lz4");
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
        assertThat(ImageTest.stored(cuda, module.getValue())).as("from a file").isEqualTo(33);
        Files.delete(file);
    }

    @Test
    void unpacksZstdWithTheSystemsLibrary() throws Exception {
        assumeTrue(Native.hasZstd(), "needs libzstd.so.1");
        Child.run(cards, FatbinTest.class, "zstd");
    }

    static void zstd() {
        Cuda cuda = Cuda.withContext();
        String large = storing(44) + "// x\n".repeat(60_000);
        assertThat(stored(cuda, new Fatbin().packed(80, Fatbin.ZSTD, large).bytes()))
                .isEqualTo(44);
    }

    @Test
    void refusesFatbinsWithoutPtxForThisGpu() throws Exception {
        Child.run(cards, FatbinTest.class, "nothingForThisGpu");
    }

    static void nothingForThisGpu() {
        Cuda cuda = Cuda.withContext();
        assertThat(ImageTest.load(
                        cuda, new Fatbin().plain(Fatbin.CUBIN, 80, "\177ELF").bytes()))
                .contains("209")
                .contains("cubin");
        assertThat(ImageTest.load(
                        cuda, new Fatbin().plain(Fatbin.PTX, 90, storing(1)).bytes()))
                .contains("209")
                .contains("later");
        assertThat(ImageTest.load(cuda, new Fatbin().bytes())).contains("209");
        byte[] packed = Fatbin.lz4(storing(5).getBytes(StandardCharsets.US_ASCII));
        assertThat(ImageTest.load(
                        cuda, new Fatbin().packed(80, Fatbin.LZ4, packed, 100).bytes()))
                .contains("209")
                .contains("LZ4");
        assertThat(ImageTest.load(
                        cuda,
                        new Fatbin().packed(80, Fatbin.LZ4, packed, 1L << 60).bytes()))
                .contains("209")
                .contains("size");
    }

    @Test
    void survivesDamagedFatbins() throws Exception {
        Child.run(cards, FatbinTest.class, "damaged");
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
            Memory given = ImageTest.memory(image);
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
}
