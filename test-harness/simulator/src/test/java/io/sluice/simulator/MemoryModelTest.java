package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random sequences of calls, beside a model that only adds and subtracts. */
class MemoryModelTest {
    private static final long STEP = 32 << 20;
    private static final long CARD = 512 << 20;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD));
    }

    private static Map<String, String> seed() {
        return Map.of("SEED", Long.toString(new Random().nextLong()));
    }

    private static Random random() {
        long seed = Long.parseLong(System.getenv("SEED"));
        System.err.println("seed " + seed); // told when the child fails
        return new Random(seed);
    }

    private record Piece(long address, long bytes, byte mark) {}

    @Test
    void aPoolBooksWhatTheModelSays() throws Exception {
        Child.run(cards, seed(), MemoryModelTest.class, "pools");
    }

    static void pools() {
        Random random = random();
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.newPool(0);
        List<Piece> live = new ArrayList<>();
        long used = 0;
        long reserved = 0;
        long threshold = 0;
        for (int i = 0; i < 1200; i++) {
            int choice = random.nextInt(10);
            if (choice < 5) {
                long bytes = 1 + (random.nextInt(20) == 0 ? random.nextLong(3 * STEP) : random.nextLong(500_000));
                LongByReference address = new LongByReference();
                long rounded = (bytes + 511) / 512 * 512;
                long missing = Math.max(0, used + rounded - reserved);
                int result = cuda.cuMemAllocFromPoolAsync(address, bytes, pool, null);
                if ((missing + Card.BLOCK - 1) / Card.BLOCK * Card.BLOCK > CARD - reserved) {
                    assertThat(result).isEqualTo(Cuda.OUT_OF_MEMORY);
                    continue;
                }
                Cuda.check(result);
                reserved = Math.min(CARD, reserved + (missing + STEP - 1) / STEP * STEP);
                used += rounded;
                Piece piece = new Piece(address.getValue(), bytes, (byte) random.nextInt());
                Cuda.check(cuda.cuMemsetD8_v2(piece.address, piece.mark, bytes));
                live.add(piece);
            } else if (choice < 8 && !live.isEmpty()) {
                Piece piece = live.remove(random.nextInt(live.size()));
                assertThat(cuda.get(piece.address + piece.bytes - 1, 1)).containsExactly(piece.mark);
                Cuda.check(cuda.cuMemFreeAsync(piece.address, null));
                used -= (piece.bytes + 511) / 512 * 512;
            } else if (choice == 8) {
                Cuda.check(cuda.cuCtxSynchronize());
                reserved = trimmed(reserved, used, threshold);
                assertThat(cuda.freeBytes()).isEqualTo(CARD - reserved);
            } else {
                threshold = random.nextInt(6) * STEP;
                Cuda.check(
                        cuda.cuMemPoolSetAttribute(pool, CudaMemory.RELEASE_THRESHOLD, new LongByReference(threshold)));
            }
            assertThat(cuda.poolValue(pool, CudaMemory.USED_NOW)).isEqualTo(used);
            assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW)).isEqualTo(reserved);
        }
    }

    private static long trimmed(long reserved, long used, long threshold) {
        return Math.min(reserved, (Math.max(used, threshold) + STEP - 1) / STEP * STEP);
    }

    @Test
    void mappedMemoryShowsWhatTheModelHolds() throws Exception {
        Child.run(cards, seed(), MemoryModelTest.class, "mappings");
    }

    /** Places of one block each; which handle is mapped where, and the first byte of each handle. */
    static void mappings() {
        int places = 24;
        Random random = random();
        CudaMemory cuda = CudaMemory.withContext();
        long range = cuda.reserve(places * Card.BLOCK);
        long[] mapped = new long[places];
        List<Long> handles = new ArrayList<>();
        List<Byte> marks = new ArrayList<>();
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            int place = random.nextInt(places);
            long address = range + place * Card.BLOCK;
            switch (random.nextInt(5)) {
                case 0 -> {
                    long handle = cuda.createPhysical(Card.BLOCK, random.nextInt(4) == 0 ? CudaMemory.POSIX_FD : 0);
                    held.add(handle);
                    if (!handles.contains(handle)) {
                        handles.add(handle);
                        marks.add((byte) 0);
                    } else {
                        marks.set(handles.indexOf(handle), (byte) 0);
                    }
                }
                case 1 -> {
                    if (!held.isEmpty()) {
                        Cuda.check(cuda.cuMemRelease(held.remove(random.nextInt(held.size()))));
                    }
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        long handle = held.get(random.nextInt(held.size()));
                        int result = cuda.cuMemMap(address, Card.BLOCK, 0, handle, 0);
                        assertThat(result).isEqualTo(mapped[place] == 0 ? Cuda.SUCCESS : Cuda.INVALID_VALUE);
                        if (result == Cuda.SUCCESS) {
                            Cuda.check(cuda.cuMemSetAccess(address, Card.BLOCK, CudaMemory.access(0, 3), 1));
                            mapped[place] = handle;
                        }
                    }
                }
                case 3 -> {
                    assertThat(cuda.cuMemUnmap(address, Card.BLOCK))
                            .isEqualTo(mapped[place] == 0 ? Cuda.INVALID_VALUE : Cuda.SUCCESS);
                    mapped[place] = 0;
                }
                default -> {
                    byte mark = (byte) random.nextInt();
                    int result = cuda.cuMemsetD8_v2(address, mark, 1);
                    assertThat(result).isEqualTo(mapped[place] == 0 ? Cuda.INVALID_VALUE : Cuda.SUCCESS);
                    if (result == Cuda.SUCCESS) {
                        marks.set(handles.indexOf(mapped[place]), mark);
                    }
                }
            }
            if (mapped[place] != 0) {
                assertThat(cuda.get(address, 1)).containsExactly(marks.get(handles.indexOf(mapped[place])));
            }
            long alive = handles.stream()
                    .filter(handle ->
                            held.contains(handle) || Arrays.stream(mapped).anyMatch(at -> at == handle))
                    .count();
            assertThat(cuda.freeBytes()).isEqualTo(CARD - alive * Card.BLOCK);
        }
    }
}
