package io.sluice.simulator;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The books of one simulated GPU's compute engine: who ran when. They know nothing of tenants or quotas, and so can judge them.
 *
 * <p>The file is a ring, drawn in {@code cards/books.h}, of {@value #RING} records. Whoever calls {@link #read} before that many
 * were written since the last call misses none; otherwise {@link #lost} says how many. All times are nanoseconds of
 * CLOCK_MONOTONIC, which is what {@link System#nanoTime} shows on Linux. A kernel that runs stands in the books once it was
 * interrupted or is over, and once its context, or another, has looked at the engine since.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class EngineBooks {
    static final int RING = 32_768;
    private static final long MAGIC = 0x314b4f4f42554c53L;
    private static final int LAYOUT = 1;
    private static final int HEADER_BYTES = 64;
    private static final int RECORD_BYTES = 128;
    private static final int RECORD_WORDS = RECORD_BYTES / Long.BYTES;
    private static final int CHECK_WORD = 1;
    private static final int NAME_WORD = 11;
    private static final int COUNT_OFFSET = 24;
    private static final int READ_ATTEMPTS = 100;
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /**
     * One interval in which one kernel ran without interruption.
     *
     * @param pid in the pid namespace of the process itself
     * @param context counts the contexts of the process, from 1
     * @param submitNs when the kernel was launched
     * @param readyNs when all that it waits for was known to be over; it may stand behind kernels of its own stream still
     * @param sms that it held, of {@code smsOfCard}
     * @param ended whether the kernel was over at {@code endNs}; otherwise its context lost its turn
     * @param kernel its name, cut to 40 bytes, or {@code (fill)}
     */
    public record Run(
            long number,
            long pid,
            long context,
            long stream,
            long submitNs,
            long readyNs,
            long startNs,
            long endNs,
            int sms,
            int smsOfCard,
            boolean ended,
            String kernel) {
        public long lengthNs() {
            return endNs - startNs;
        }
    }

    private final ByteBuffer map;
    private long read;
    private long lost;

    private EngineBooks(ByteBuffer map) {
        this.map = map;
    }

    /**
     * The books of a card, from the record that is written next.
     *
     * @param folder {@code SLUICE_SIM_DIR}
     * @param uuid of the card, as in cards.conf
     * @throws IOException if no process has used the card yet, or its books are of another version
     */
    public static EngineBooks open(Path folder, String uuid) throws IOException {
        Path path = folder.resolve(uuid + ".books");
        long bytes = HEADER_BYTES + (long) RING * RECORD_BYTES;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            if (file.size() != bytes) {
                throw new IOException(path + " is not a simulated GPU's books of this version");
            }
            ByteBuffer map = file.map(FileChannel.MapMode.READ_ONLY, 0, bytes).order(ByteOrder.nativeOrder());
            if (map.getLong(0) != MAGIC || map.getLong(8) != LAYOUT || map.getLong(16) != RING) {
                throw new IOException(path + " is not a simulated GPU's books of this version");
            }
            EngineBooks books = new EngineBooks(map);
            books.read = (long) WORD.getAcquire(map, COUNT_OFFSET);
            return books;
        }
    }

    /**
     * The same from the oldest record that is still there. What was overwritten before counts as {@link #lost} with the first
     * {@link #read}.
     */
    public static EngineBooks openAll(Path folder, String uuid) throws IOException {
        EngineBooks books = open(folder, uuid);
        books.read = 0;
        return books;
    }

    /** What was written since the last call, in the order of writing. */
    public List<Run> read() {
        long count = (long) WORD.getAcquire(map, COUNT_OFFSET);
        List<Run> runs = new ArrayList<>();
        if (count - read > RING) {
            lost += count - read - RING;
            read = count - RING;
        }
        while (read < count) {
            read++;
            long[] words = record(read);
            if (words.length == 0) {
                lost++;
            } else {
                runs.add(run(words));
            }
        }
        return List.copyOf(runs);
    }

    /** Records that were overwritten before they were read, since {@link #open}. */
    public long lost() {
        return lost;
    }

    /**
     * For how long each process had the engine within a window, in nanoseconds. Kernels that ran beside each other count once.
     *
     * @param runs all that touch the window
     */
    public static Map<Long, Long> busyNsByPid(List<Run> runs, long fromNs, long toNs) {
        return busyNsBy(runs, Run::pid, run -> run.endNs() > fromNs && run.startNs() < toNs, fromNs, toNs);
    }

    private static Map<Long, Long> busyNsBy(
            List<Run> runs, Function<Run, Long> owner, Predicate<Run> counts, long fromNs, long toNs) {
        return runs.stream()
                .filter(counts)
                .collect(Collectors.groupingBy(
                        owner,
                        TreeMap::new,
                        Collectors.collectingAndThen(Collectors.toList(), own -> covered(own, fromNs, toNs))));
    }

    private static long covered(List<Run> runs, long fromNs, long toNs) {
        long covered = 0;
        long until = fromNs;
        for (Run run :
                runs.stream().sorted(Comparator.comparingLong(Run::startNs)).toList()) {
            long end = Math.min(run.endNs(), toNs);
            if (end > until) {
                covered += end - Math.max(run.startNs(), until);
                until = end;
            }
        }
        return covered;
    }

    /** The words of record {@code number}; none where it was overwritten or spoilt. */
    private long[] record(long number) {
        int at = HEADER_BYTES + (int) ((number - 1) % RING) * RECORD_BYTES;
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            long[] words = new long[RECORD_WORDS];
            for (int i = 0; i < RECORD_WORDS; i++) {
                words[i] = (long) WORD.getAcquire(map, at + i * Long.BYTES);
            }
            if (words[0] == number && words[CHECK_WORD] == check(words)) {
                return words;
            }
            Thread.onSpinWait();
        }
        return new long[0];
    }

    private static long check(long[] words) {
        long check = 0x9e3779b97f4a7c15L;
        for (int i = 0; i < words.length; i++) {
            if (i != CHECK_WORD) {
                check = (check ^ words[i]) * 0x100000001b3L;
            }
        }
        return check;
    }

    private static Run run(long[] words) {
        ByteBuffer name =
                ByteBuffer.allocate((RECORD_WORDS - NAME_WORD) * Long.BYTES).order(ByteOrder.nativeOrder());
        for (int i = NAME_WORD; i < RECORD_WORDS; i++) {
            name.putLong(words[i]);
        }
        String kernel = new String(name.array(), StandardCharsets.UTF_8);
        int end = kernel.indexOf('\0');
        return new Run(
                words[0],
                words[2],
                words[3],
                words[4],
                words[5],
                words[6],
                words[7],
                words[8],
                (int) words[9],
                (int) (words[9] >>> 32),
                words[10] == 1,
                end < 0 ? kernel : kernel.substring(0, end));
    }
}
