package io.sluice.conformance.checks;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Struct;
import org.jspecify.annotations.Nullable;

/** A CUDA_MEMCPY3D: bytes, rows and slices. */
record Copy3D(Side from, Side to, long width, long height, long depth) {
    private static final int BYTES = 200;

    /** Where a copy reads or writes. A slice of host or device memory has {@code rows} rows of {@code pitch} bytes. */
    record Side(
            int type,
            @Nullable Pointer host,
            long device,
            @Nullable Pointer array,
            long pitch,
            long rows,
            long x,
            long y,
            long z) {
        static Side host(Pointer memory, long pitch, long rows) {
            return new Side(Copy2D.HOST, memory, 0, Given.NULL, pitch, rows, 0, 0, 0);
        }

        static Side device(long memory, long pitch, long rows) {
            return new Side(Copy2D.DEVICE, Given.NULL, memory, Given.NULL, pitch, rows, 0, 0, 0);
        }

        static Side array(Pointer array) {
            return new Side(Copy2D.ARRAY, Given.NULL, 0, array, 0, 0, 0, 0, 0);
        }

        Side at(long newX, long newY, long newZ) {
            return new Side(type, host, device, array, pitch, rows, newX, newY, newZ);
        }
    }

    Memory done() {
        Struct struct = Struct.of(BYTES);
        write(struct, from);
        write(struct, to);
        return struct.i64(width, height, depth).done();
    }

    private static void write(Struct struct, Side side) {
        struct.i64(side.x(), side.y(), side.z(), 0)
                .i32(side.type())
                .pointer(side.host())
                .i64(side.device())
                .pointer(side.array(), Given.NULL)
                .i64(side.pitch(), side.rows());
    }
}
