package io.sluice.conformance.checks;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Struct;
import org.jspecify.annotations.Nullable;

/** A CUDA_MEMCPY2D, in bytes and rows. */
record Copy2D(Side from, Side to, long width, long height) {
    private static final int BYTES = 128;

    static final int HOST = 1;
    static final int DEVICE = 2;
    static final int ARRAY = 3;
    static final int UNIFIED = 4;

    /** Where a copy reads or writes: one address, of the kind that the type names. */
    record Side(
            int type,
            @Nullable Pointer host,
            long device,
            @Nullable Pointer array,
            long pitch,
            long x,
            long y) {
        static Side host(@Nullable Pointer memory, long pitch) {
            return new Side(HOST, memory, 0, Given.NULL, pitch, 0, 0);
        }

        static Side device(long memory, long pitch) {
            return new Side(DEVICE, Given.NULL, memory, Given.NULL, pitch, 0, 0);
        }

        static Side unified(long memory, long pitch) {
            return new Side(UNIFIED, Given.NULL, memory, Given.NULL, pitch, 0, 0);
        }

        static Side array(Pointer array) {
            return new Side(ARRAY, Given.NULL, 0, array, 0, 0, 0);
        }

        Side at(long newX, long newY) {
            return new Side(type, host, device, array, pitch, newX, newY);
        }

        Side pitch(long newPitch) {
            return new Side(type, host, device, array, newPitch, x, y);
        }

        Side ofType(int newType) {
            return new Side(newType, host, device, array, pitch, x, y);
        }
    }

    Memory done() {
        Struct struct = Struct.of(BYTES);
        write(struct, from);
        write(struct, to);
        return struct.i64(width, height).done();
    }

    private static void write(Struct struct, Side side) {
        struct.i64(side.x(), side.y())
                .i32(side.type())
                .pointer(side.host())
                .i64(side.device())
                .pointer(side.array())
                .i64(side.pitch());
    }
}
