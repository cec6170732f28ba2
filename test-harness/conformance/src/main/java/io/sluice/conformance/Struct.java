package io.sluice.conformance;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** Writes the members of a C struct one after the other, each at its natural alignment as a 64-bit Linux compiler lays them out. */
public final class Struct {
    private final Memory memory;
    private int offset;

    private Struct(int bytes) {
        memory = new Memory(bytes);
        memory.clear();
    }

    /** A struct of this size; what is not written is 0. */
    public static Struct of(int bytes) {
        return new Struct(bytes);
    }

    public Struct i32(int... values) {
        for (int value : values) {
            memory.setInt(next(4), value);
        }
        return this;
    }

    public Struct i64(long... values) {
        for (long value : values) {
            memory.setLong(next(8), value);
        }
        return this;
    }

    public Struct i16(int... values) {
        for (int value : values) {
            memory.setShort(next(2), (short) value);
        }
        return this;
    }

    public Struct i8(int... values) {
        for (int value : values) {
            memory.setByte(next(1), (byte) value);
        }
        return this;
    }

    public Struct pointer(@Nullable Pointer... values) {
        for (Pointer value : values) {
            memory.setPointer(next(8), value);
        }
        return this;
    }

    public Memory done() {
        return memory;
    }

    private int next(int bytes) {
        int at = (offset + bytes - 1) / bytes * bytes;
        offset = at + bytes;
        return at;
    }
}
