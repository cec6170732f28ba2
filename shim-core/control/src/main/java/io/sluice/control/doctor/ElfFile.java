package io.sluice.control.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The little of an ELF file that decides whether the loader preloads anything into it (System V ABI, "Object Files" and "Program
 * Loading").
 *
 * @param machine {@code e_machine}
 * @param wide whether it is a 64-bit file
 * @param interpreter the loader that it asks for; empty if it is statically linked, or a library
 */
record ElfFile(int machine, boolean wide, Optional<String> interpreter) {
    private static final int MAGIC = 0x7f454c46;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int PT_INTERP = 3;
    private static final int MOST_SEGMENTS = 256;
    private static final int LONGEST_PATH = 4096;

    /** Empty if the file is no ELF file. */
    static Optional<ElfFile> read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            ByteBuffer header = bytes(file, 0, 64);
            if (header.limit() < 52 || header.order(ByteOrder.BIG_ENDIAN).getInt(0) != MAGIC) {
                return Optional.empty();
            }
            boolean wide = header.get(4) == CLASS_64;
            header.order(header.get(5) == LITTLE_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int machine = Short.toUnsignedInt(header.getShort(18));
            return Optional.of(new ElfFile(machine, wide, wide ? interpreter(file, header) : Optional.empty()));
        }
    }

    private static Optional<String> interpreter(FileChannel file, ByteBuffer header) throws IOException {
        long offset = header.getLong(32);
        int size = Short.toUnsignedInt(header.getShort(54));
        int count = Math.min(Short.toUnsignedInt(header.getShort(56)), MOST_SEGMENTS);
        for (int i = 0; i < count; i++) {
            ByteBuffer segment = bytes(file, offset + (long) i * size, 56).order(header.order());
            if (segment.limit() == 56 && segment.getInt(0) == PT_INTERP) {
                int length = (int) Math.max(0, Math.min(segment.getLong(32) - 1, LONGEST_PATH));
                ByteBuffer name = bytes(file, segment.getLong(8), length);
                return Optional.of(StandardCharsets.UTF_8.decode(name).toString());
            }
        }
        return Optional.empty();
    }

    private static ByteBuffer bytes(FileChannel file, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (offset >= 0 && buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {
            // Reads may be short.
        }
        return buffer.flip();
    }

    /** {@code e_machine} as people write it. */
    String architecture() {
        return architecture(machine) + (wide ? "" : ", 32 bits");
    }

    static String architecture(int machine) {
        return switch (machine) {
            case 3 -> "x86";
            case 62 -> "x86-64";
            case 183 -> "aarch64";
            default -> "machine " + machine;
        };
    }

    /** The {@code e_machine} of this JVM. */
    static int here() {
        String name = System.getProperty("os.arch", "");
        return name.equals("amd64") ? 62 : name.equals("aarch64") ? 183 : 0;
    }
}
