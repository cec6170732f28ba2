package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays: what goes in comes out, by every kind of copy. */
class ArrayTest {
    private static final long CARD = 64 << 20;
    private static final int UNSIGNED_8 = 1;
    private static final int FLOAT = 0x20;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD));
    }

    private static Memory description(long width, long height, long depth, int format, int channels, int flags) {
        Memory memory = new Memory(40);
        memory.setLong(0, width);
        memory.setLong(8, height);
        memory.setLong(16, depth);
        memory.setInt(24, format);
        memory.setInt(28, channels);
        memory.setInt(32, flags);
        return memory;
    }

    private static Pointer array(CudaMemory cuda, Memory description) {
        PointerByReference array = new PointerByReference();
        Cuda.check(cuda.cuArray3DCreate_v2(array, description));
        return array.getValue();
    }

    private static Memory bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        Memory memory = new Memory(count);
        memory.write(0, bytes, 0, count);
        return memory;
    }

    @Test
    void rowsPassThroughAnArrayOfOneDimension() throws Exception {
        Child.run(cards, ArrayTest.class, "oneDimension");
    }

    static void oneDimension() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer first = array(cuda, description(1000, 0, 0, FLOAT, 2, 0)); // 8000 bytes
        Pointer second = array(cuda, description(1000, 0, 0, FLOAT, 2, 0));
        long device = cuda.allocate(8000);
        Memory source = bytes(8000, 1);
        Cuda.check(cuda.cuMemcpyHtoA_v2(first, 0, source, 8000));
        Cuda.check(cuda.cuMemcpyAtoA_v2(second, 8, first, 16, 800));
        Cuda.check(cuda.cuMemcpyAtoD_v2(device, second, 8, 800));
        assertThat(cuda.get(device, 800)).isEqualTo(source.getByteArray(16, 800));
        Cuda.check(cuda.cuMemcpyDtoA_v2(first, 7200, device, 800));
        Memory sink = new Memory(800);
        Cuda.check(cuda.cuMemcpyAtoH_v2(sink, first, 7200, 800));
        assertThat(sink.getByteArray(0, 800)).isEqualTo(source.getByteArray(16, 800));
        assertThat(cuda.cuMemcpyHtoA_v2(first, 7208, source, 800))
                .as("too long")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemcpyHtoA_v2(first, 4, source, 8))
                .as("half an element")
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuArrayDestroy(first));
        assertThat(cuda.cuMemcpyHtoA_v2(first, 0, source, 8)).isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.cuArrayDestroy(first)).isEqualTo(Cuda.INVALID_HANDLE);
    }

    @Test
    void aBoxPassesThroughAnArrayOfThreeDimensions() throws Exception {
        Child.run(cards, ArrayTest.class, "threeDimensions");
    }

    /** CUDA_MEMCPY3D of a box of 5 x 4 x 3 bytes. */
    private static Memory box() {
        Memory copy = new Memory(200);
        copy.clear();
        copy.setLong(176, 5);
        copy.setLong(184, 4);
        copy.setLong(192, 3);
        return copy;
    }

    static void threeDimensions() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer array = array(cuda, description(17, 9, 7, UNSIGNED_8, 1, 0));
        Memory source = bytes(5 * 4 * 3, 2);
        Memory into = box();
        into.setInt(32, 1); // from the host
        into.setPointer(40, source);
        into.setLong(88, 12); // to x, y, z
        into.setLong(96, 5);
        into.setLong(104, 4);
        into.setInt(120, 3);
        into.setPointer(144, array);
        Cuda.check(cuda.cuMemcpy3D_v2(into));

        long device = cuda.allocate(10 * 6 * 3);
        Memory out = box();
        out.setLong(0, 12);
        out.setLong(8, 5);
        out.setLong(16, 4);
        out.setInt(32, 3);
        out.setPointer(56, array);
        out.setInt(120, 2); // to the device, with a pitch of 10 and a height of 6
        out.setLong(136, device);
        out.setLong(160, 10);
        out.setLong(168, 6);
        Cuda.check(cuda.cuMemcpy3D_v2(out));
        byte[] found = cuda.get(device, 180);
        for (int row = 0; row < 12; row++) {
            int at = row / 4 * 60 + row % 4 * 10;
            assertThat(Arrays.copyOfRange(found, at, at + 5)).isEqualTo(source.getByteArray(row * 5L, 5));
        }
        out.setLong(0, 13);
        assertThat(cuda.cuMemcpy3D_v2(out)).as("beyond the width").isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void theOldCopyOfRowsReachesArraysToo() throws Exception {
        Child.run(cards, ArrayTest.class, "oldRows");
    }

    static void oldRows() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer array = array(cuda, description(32, 4, 0, UNSIGNED_8, 4, 0));
        Memory source = bytes(512, 3);
        Memory sink = new Memory(512);
        Memory copy = new Memory(104); // CUDA_MEMCPY2D_v1
        copy.clear();
        copy.setInt(8, 1);
        copy.setPointer(16, source);
        copy.setInt(40, 128);
        copy.setInt(52, 3);
        copy.setPointer(72, array);
        copy.setInt(84, 128);
        copy.setInt(88, 4);
        Cuda.check(cuda.cuMemcpy2D(copy));
        copy.clear();
        copy.setInt(8, 3);
        copy.setPointer(32, array);
        copy.setInt(52, 1);
        copy.setPointer(56, sink);
        copy.setInt(80, 128);
        copy.setInt(84, 128);
        copy.setInt(88, 4);
        Cuda.check(cuda.cuMemcpy2D(copy));
        assertThat(sink.getByteArray(0, 512)).isEqualTo(source.getByteArray(0, 512));
    }

    @Test
    void theyTakeAndGiveBackMemoryOfTheCard() throws Exception {
        Child.run(cards, ArrayTest.class, "capacity");
    }

    static void capacity() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer array = array(cuda, description(1024, 1024, 0, FLOAT, 4, 2));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - (16 << 20));
        PointerByReference mipmap = new PointerByReference();
        Cuda.check(cuda.cuMipmappedArrayCreate(mipmap, description(1024, 512, 0, FLOAT, 1, 0), 99));
        PointerByReference level = new PointerByReference();
        Cuda.check(cuda.cuMipmappedArrayGetLevel(level, mipmap.getValue(), 10));
        Memory found = new Memory(40);
        Cuda.check(cuda.cuArray3DGetDescriptor_v2(found, level.getValue()));
        assertThat(found.getLong(0)).isEqualTo(1);
        assertThat(found.getLong(8)).isEqualTo(1);
        assertThat(cuda.cuMipmappedArrayGetLevel(level, mipmap.getValue(), 11)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuArrayDestroy(level.getValue()))
                .as("belongs to its mipmap")
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMipmappedArrayDestroy(mipmap.getValue()));
        assertThat(cuda.cuArrayDestroy(level.getValue())).isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - (16 << 20));
        Cuda.check(cuda.cuArrayDestroy(array));
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        assertThat(cuda.cuArray3DCreate_v2(new PointerByReference(), description(8192, 8192, 0, FLOAT, 1, 0)))
                .isEqualTo(Cuda.OUT_OF_MEMORY);
        Pointer context = cuda.newContext(0);
        array(cuda, description(3 << 10, 1 << 10, 0, UNSIGNED_8, 1, 0));
        Cuda.check(cuda.cuCtxDestroy_v2(context));
        assertThat(cuda.freeBytes()).as("its context takes it along").isEqualTo(CARD);
    }

    @Test
    void refusesWhatIsNoShape() throws Exception {
        Child.run(cards, ArrayTest.class, "wrongShapes");
    }

    static void wrongShapes() {
        CudaMemory cuda = CudaMemory.withContext();
        PointerByReference out = new PointerByReference();
        for (Memory wrong : new Memory[] {
            description(0, 1, 0, FLOAT, 1, 0),
            description(1, 0, 2, FLOAT, 1, 0), // depth without height
            description(1, 1, 0, FLOAT, 3, 0), // three channels
            description(1, 1, 0, 0x7777, 1, 0),
            description(200_000, 0, 0, UNSIGNED_8, 1, 0),
            description(64, 32, 6, UNSIGNED_8, 1, 4), // a cube that is none
            description(64, 64, 0, UNSIGNED_8, 1, 1), // no layers
        }) {
            assertThat(cuda.cuArray3DCreate_v2(out, wrong)).isEqualTo(Cuda.INVALID_VALUE);
        }
        assertThat(cuda.cuArray3DCreate_v2(out, description(64, 64, 0, UNSIGNED_8, 1, 0x40)))
                .as("sparse")
                .isEqualTo(Cuda.NOT_SUPPORTED);
        array(cuda, description(64, 64, 12, UNSIGNED_8, 1, 5));
        array(cuda, description(64, 0, 5, UNSIGNED_8, 1, 1));
    }
}
