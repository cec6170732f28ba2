package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void returnsWhatWasPutForOddSizes() throws Exception {
        Child.run(cards, CopyTest.class, "roundTrips");
    }

    static void roundTrips() {
        Cuda cuda = Cuda.withContext();
        Random random = new Random(1);
        for (int size : new int[] {1, 3, 511, 512, 513, 4097, 1_999_993, 2_097_151, 2_097_153, 5_000_011}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            long first = cuda.allocate(size);
            long second = cuda.allocate(size);
            cuda.put(first, bytes);
            Cuda.check(cuda.cuMemcpyDtoD_v2(second, first, size));
            assertThat(cuda.get(second, size)).as("%d bytes", size).isEqualTo(bytes);
            if (size > 2) {
                assertThat(cuda.get(first + 1, size - 2)).isEqualTo(Arrays.copyOfRange(bytes, 1, size - 1));
            }
            assertThat(cuda.cuMemcpyDtoD_v2(second, first, size + 1)).isEqualTo(Cuda.INVALID_VALUE);
            Cuda.check(cuda.cuMemFree_v2(first));
            Cuda.check(cuda.cuMemFree_v2(second));
            assertThat(cuda.cuMemcpyDtoD_v2(second, first, size)).isEqualTo(Cuda.INVALID_VALUE);
        }
    }

    @Test
    void fillsWithEveryWidthAndPitch() throws Exception {
        Child.run(cards, CopyTest.class, "fills");
    }

    static void fills() {
        Cuda cuda = Cuda.withContext();
        long device = cuda.allocate(1000);
        Cuda.check(cuda.cuMemsetD8_v2(device, (byte) 7, 1000));
        Cuda.check(cuda.cuMemsetD16_v2(device + 2, (short) 0x0102, 3));
        Cuda.check(cuda.cuMemsetD32_v2(device + 12, 0x0a0b0c0d, 2));
        assertThat(cuda.get(device, 22))
                .containsExactly(7, 7, 2, 1, 2, 1, 2, 1, 7, 7, 7, 7, 13, 12, 11, 10, 13, 12, 11, 10, 7, 7);
        Cuda.check(cuda.cuMemsetD2D8_v2(device + 100, 10, (byte) 9, 2, 3));
        assertThat(cuda.get(device + 100, 23))
                .containsExactly(9, 9, 7, 7, 7, 7, 7, 7, 7, 7, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7, 9, 9, 7);
        assertThat(cuda.cuMemsetD32_v2(device + 2, 0, 1)).as("misaligned").isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemsetD8_v2(device, (byte) 0, 1001)).as("too long").isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemsetD8Async_ptsz(device, (byte) 1, 1, null));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(device, 2)).containsExactly(1, 7);
    }

    @Test
    void copiesRowsBetweenPitches() throws Exception {
        Child.run(cards, CopyTest.class, "copyRows");
    }

    static void copyRows() {
        Cuda cuda = Cuda.withContext();
        LongByReference address = new LongByReference();
        LongByReference pitch = new LongByReference();
        Cuda.check(cuda.cuMemAllocPitch_v2(address, pitch, 513, 3, 4));
        assertThat(pitch.getValue()).isEqualTo(1024);
        Memory rows = new Memory(9);
        rows.write(0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, 9);
        Memory copy = new Memory(128);
        copy.clear();
        copy.setInt(16, 1); // source: host
        copy.setPointer(24, rows);
        copy.setLong(48, 3);
        copy.setLong(56, 2); // two bytes into the row
        copy.setInt(72, 2); // destination: device
        copy.setLong(88, address.getValue());
        copy.setLong(104, pitch.getValue());
        copy.setLong(112, 3);
        copy.setLong(120, 3);
        Cuda.check(cuda.cuMemcpy2D_v2(copy));
        assertThat(cuda.get(address.getValue() + 2, 3)).containsExactly(1, 2, 3);
        assertThat(cuda.get(address.getValue() + 1026, 3)).containsExactly(4, 5, 6);
        assertThat(cuda.get(address.getValue() + 2050, 3)).containsExactly(7, 8, 9);
    }

    @Test
    void stagesPageableMemoryBeforeAnAsynchronousCopyReturns() throws Exception {
        Child.run(cards, CopyTest.class, "reuseTheSource");
    }

    static void reuseTheSource() {
        Cuda cuda = Cuda.withContext();
        Pointer stream = cuda.newStream(1);
        long device = cuda.allocate(64);
        Memory source = new Memory(64);
        for (byte round = 0; round < 50; round++) {
            source.setMemory(0, 64, round);
            Cuda.check(cuda.cuMemcpyHtoDAsync_v2(device, source, 64, stream));
            source.setMemory(0, 64, (byte) -1);
            Memory sink = new Memory(64);
            Cuda.check(cuda.cuMemcpyDtoHAsync_v2(sink, device, 64, stream)); // pageable: returns when it is over
            assertThat(sink.getByte(63)).isEqualTo(round);
        }
    }

    @Test
    void tellsWhatAnAddressIs() throws Exception {
        Child.run(cards, CopyTest.class, "pointers");
    }

    static void pointers() {
        Cuda cuda = Cuda.withContext();
        long device = cuda.allocate(1000);
        LongByReference base = new LongByReference();
        LongByReference bytes = new LongByReference();
        Cuda.check(cuda.cuMemGetAddressRange_v2(base, bytes, device + 999));
        assertThat(base.getValue()).isEqualTo(device);
        assertThat(bytes.getValue()).isEqualTo(1000);
        assertThat(cuda.cuMemGetAddressRange_v2(base, bytes, device + 1000)).isEqualTo(Cuda.NOT_FOUND);

        Memory data = new Memory(8);
        Cuda.check(cuda.cuPointerGetAttribute(data, 2, device));
        assertThat(data.getInt(0)).as("device memory").isEqualTo(2);
        LongByReference managed = new LongByReference();
        Cuda.check(cuda.cuMemAllocManaged(managed, 100, 1));
        new Pointer(managed.getValue()).setByte(0, (byte) 5);
        assertThat(cuda.get(managed.getValue(), 1)).containsExactly(5);
        PointerByReference host = new PointerByReference();
        Cuda.check(cuda.cuMemHostAlloc(host, 100, 0));
        Cuda.check(cuda.cuPointerGetAttribute(data, 2, Pointer.nativeValue(host.getValue())));
        assertThat(data.getInt(0)).as("host memory").isEqualTo(1);
        Cuda.check(cuda.cuMemFreeHost(host.getValue()));
        assertThat(cuda.cuMemFreeHost(host.getValue())).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuPointerGetAttribute(data, 2, 12345)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void givesAddressesOf32BitsToTheOldFunctions() throws Exception {
        Child.run(cards, CopyTest.class, "oldFunctions");
    }

    static void oldFunctions() {
        Cuda cuda = Cuda.withContext();
        IntByReference address = new IntByReference();
        Cuda.check(cuda.cuMemAlloc(address, 1000));
        Cuda.check(cuda.cuMemsetD8(address.getValue(), (byte) 3, 1000));
        Memory host = new Memory(1000);
        Cuda.check(cuda.cuMemcpyDtoH(host, address.getValue(), 1000));
        assertThat(host.getByte(999)).isEqualTo((byte) 3);
    }
}
