package io.sluice.simulator;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes fatbins as nvcc lays them out: PTX and machine code for several architectures, plain or packed. */
final class Fatbin {
    static final int PTX = 1;
    static final int CUBIN = 2;
    static final long LZ4 = 0x2000;
    static final long ZSTD = 0x8000;

    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();

    Fatbin plain(int kind, int architecture, String text) {
        return entry(kind, architecture, 0, text.getBytes(StandardCharsets.US_ASCII), 0, 0);
    }

    Fatbin packed(int architecture, long flag, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        return packed(architecture, flag, flag == LZ4 ? lz4(bytes) : zstd(bytes), bytes.length);
    }

    /** Packed bytes as they are, whether they unpack or not. */
    Fatbin packed(int architecture, long flag, byte[] packed, long unpackedBytes) {
        return entry(PTX, architecture, flag, packed, packed.length, unpackedBytes);
    }

    private Fatbin entry(int kind, int architecture, long flag, byte[] payload, int compressed, long unpacked) {
        int padded = (payload.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(64 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) kind).putShort((short) 0x101).putInt(64).putLong(padded);
        header.putInt(compressed)
                .putInt(0)
                .putShort((short) 2)
                .putShort((short) 8)
                .putInt(architecture);
        header.putInt(0)
                .putInt(0)
                .putLong(0x11 | flag)
                .putLong(0)
                .putLong(unpacked)
                .put(payload);
        entries.writeBytes(header.array());
        return this;
    }

    byte[] bytes() {
        ByteBuffer container = ByteBuffer.allocate(16 + entries.size()).order(ByteOrder.LITTLE_ENDIAN);
        container.putInt(0xba55ed50).putShort((short) 1).putShort((short) 16).putLong(entries.size());
        return container.put(entries.toByteArray()).array();
    }

    /** An LZ4 block: greedy, each match at most 64 KiB back, the last bytes literal as the format asks. */
    static byte[] lz4(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        int[] seen = new int[1 << 12];
        int begin = 0;
        for (int at = 0; at + 12 < bytes.length; at++) {
            int word = ByteBuffer.wrap(bytes, at, 4).getInt();
            int hash = (word * 0x9e3779b1) >>> 20;
            int back = seen[hash] - 1;
            seen[hash] = at + 1;
            if (back < 0
                    || at - back > 0xffff
                    || ByteBuffer.wrap(bytes, back, 4).getInt() != word) continue;
            int length = 4;
            while (at + length < bytes.length - 5 && bytes[back + length] == bytes[at + length]) length++;
            sequence(packed, bytes, begin, at - begin, length);
            packed.write(at - back);
            packed.write((at - back) >> 8);
            length(packed, length - 4);
            at += length - 1;
            begin = at + 1;
        }
        sequence(packed, bytes, begin, bytes.length - begin, 4);
        return packed.toByteArray();
    }

    private static void sequence(ByteArrayOutputStream packed, byte[] bytes, int begin, int literals, int match) {
        packed.write(Math.min(literals, 15) << 4 | Math.min(match - 4, 15));
        length(packed, literals);
        packed.write(bytes, begin, literals);
    }

    private static void length(ByteArrayOutputStream packed, int length) {
        if (length < 15) return;
        for (length -= 15; length >= 255; length -= 255) packed.write(255);
        packed.write(length);
    }

    /** A zstd frame of one segment, in blocks that are not compressed. */
    static byte[] zstd(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.allocate(bytes.length + 64).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0xfd2fb528).put((byte) 0xa0).putInt(bytes.length);
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(bytes.length - at, 100_000);
            int header = size << 3 | (at + size == bytes.length ? 1 : 0);
            frame.put((byte) header)
                    .put((byte) (header >> 8))
                    .put((byte) (header >> 16))
                    .put(bytes, at, size);
            at += size;
        }
        byte[] packed = new byte[frame.position()];
        frame.flip().get(packed);
        return packed;
    }
}
