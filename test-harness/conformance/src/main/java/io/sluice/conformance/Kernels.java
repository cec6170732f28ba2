package io.sluice.conformance;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Kernels of the suite's own, and what a launch needs. */
public final class Kernels {
    public static final String TEXT = resource("kernels.ptx");
    public static final String ASSERTING = resource("asserting.ptx");

    private static final int BYTES_PER_VALUE = 8;

    private Kernels() {}

    /** An image as cuModuleLoadData takes it: text that ends in a zero byte. */
    public static Memory image(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Memory image = new Memory(bytes.length + 1L);
        image.clear();
        image.write(0, bytes, 0, bytes.length);
        return image;
    }

    /** The kernelParams of a launch: pointers to values, each an Integer or a Long. */
    public static Memory parameters(Object... values) {
        long pointers = (long) Math.max(1, values.length) * BYTES_PER_VALUE;
        Memory memory = new Memory(2 * pointers);
        for (int i = 0; i < values.length; i++) {
            long at = pointers + (long) i * BYTES_PER_VALUE;
            Pointer value = memory.share(at);
            if (values[i] instanceof Integer number) {
                value.setInt(0, number);
            } else {
                value.setLong(0, (Long) values[i]);
            }
            memory.setPointer((long) i * BYTES_PER_VALUE, value);
        }
        return memory;
    }

    private static String resource(String name) {
        try (InputStream in = Kernels.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
