package io.sluice.bridge.ledger;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A shared file of known layout as this JVM maps it. Reads and writes are of aligned words, atomic, with acquire and release
 * order. Another process may change any word at any time.
 */
final class MappedFile {
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final MappedByteBuffer bytes;

    /** @param bytes of which the words are */
    MappedFile(MappedByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Maps an existing file, which must be regular, no link, and at least {@code size} bytes long. */
    static MappedFile open(Path file, int size, boolean writable) throws IOException {
        Set<StandardOpenOption> options = writable
                ? EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                : EnumSet.of(StandardOpenOption.READ);
        if (Files.isSymbolicLink(file) || Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new LedgerException(LedgerException.Reason.FOREIGN, file, "is not a regular file: remove it");
        }
        try (FileChannel channel = FileChannel.open(file, options)) {
            if (channel.size() < size) {
                throw new LedgerException(
                        LedgerException.Reason.TORN,
                        file,
                        "is shorter than a Sluice file of this version: remove it and apply the tenant's file again");
            }
            return map(channel, size, writable);
        } catch (NoSuchFileException e) {
            throw new LedgerException(
                    LedgerException.Reason.MISSING, file, "does not exist: apply the tenant's file first");
        }
    }

    /**
     * Makes a file whole before anyone can see it under its name: written beside it, then renamed over it.
     *
     * @param reserved how much of it, from its start, gets its memory now; the rest is a hole, see {@link #reserve}
     * @param permissions in the form {@code rw-rw----}
     * @param fill writes what the file holds
     */
    static MappedFile create(Path file, int size, int reserved, String permissions, Consumer<MappedFile> fill)
            throws IOException {
        Path beside = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString(permissions));
            channel.write(ByteBuffer.allocate(1), size - 1L);
            reserve(channel, 0, reserved);
            MappedFile mapped = map(channel, size, true);
            fill.accept(mapped);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return mapped;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /**
     * Gives a hole its memory. Without that, a process that touches the hole through its mapping when the file system is
     * full dies of SIGBUS. The hole must not be in use yet: it is filled with zeros.
     *
     * @throws IOException if there is no memory for it
     */
    static void reserve(Path file, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            reserve(channel, offset, length);
        }
    }

    private static void reserve(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(length);
        while (zeros.hasRemaining()) {
            channel.write(zeros, offset + zeros.position());
        }
    }

    private static MappedFile map(FileChannel channel, int size, boolean writable) throws IOException {
        return new MappedFile(
                channel.map(writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, 0, size));
    }

    long getLong(int offset) {
        return (long) LONGS.getAcquire(bytes, offset);
    }

    void setLong(int offset, long value) {
        LONGS.setRelease(bytes, offset, value);
    }

    int getInt(int offset) {
        return (int) INTS.getAcquire(bytes, offset);
    }

    void setInt(int offset, int value) {
        INTS.setRelease(bytes, offset, value);
    }

    long addLong(int offset, long delta) {
        return (long) LONGS.getAndAdd(bytes, offset, delta) + delta;
    }

    byte[] getBytes(int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(offset, copy);
        return copy;
    }

    void setBytes(int offset, byte[] value) {
        bytes.put(offset, value);
    }

    /** A zero-terminated string of at most {@code length} bytes. */
    String getString(int offset, int length) {
        byte[] copy = getBytes(offset, length);
        int end = 0;
        while (end < length && copy[end] != 0) {
            end++;
        }
        return new String(copy, 0, end, StandardCharsets.US_ASCII);
    }

    void setString(int offset, String value) {
        setBytes(offset, value.getBytes(StandardCharsets.US_ASCII));
    }
}
