package io.sluice.bridge.ledger;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Memory that looks like a ledger, and the libwrapper's way to write a pair of its words. */
final class LedgerWriter {
    /** More than jcstress has states at a time, see {@code StressTest}. */
    private static final int LEDGERS = 1024;

    private static final int LEDGER_BYTES = LedgerLayout.account(0, 2);
    private static final LedgerWriter[] ALL = new LedgerWriter[LEDGERS];
    private static final AtomicInteger NEXT = new AtomicInteger();

    static {
        Native.register(
                LedgerWriter.class,
                Path.of(System.getProperty("sluice.stress.writer", "libledger-writer.so"))
                        .toAbsolutePath()
                        .toString());
    }

    final MappedFile file;
    private final Pointer memory;

    private LedgerWriter() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(LEDGER_BYTES + 64);
        int skip = (int) (-Pointer.nativeValue(Native.getDirectBufferPointer(buffer)) & 63);
        ByteBuffer aligned = buffer.slice(skip, LEDGER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        memory = Native.getDirectBufferPointer(aligned);
        file = new MappedFile((MappedByteBuffer) aligned);
    }

    /** One that no state in use has. */
    static LedgerWriter next() {
        int number = Math.floorMod(NEXT.getAndIncrement(), LEDGERS);
        synchronized (ALL) {
            if (ALL[number] == null) {
                ALL[number] = new LedgerWriter();
            }
            return ALL[number];
        }
    }

    /** Writes both words of the pair at {@code offset} at once. */
    void set(int offset, long low, long high) {
        ledger_writer_set(memory.share(offset), low, high);
    }

    private static native void ledger_writer_set(Pointer pair, long low, long high);
}
