package io.sluice.simulator;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Kernels for the tests, written by hand, and how they are loaded and launched. */
final class Ptx {
    private static final String HEAD = ".version 7.0\n.target sm_80\n.address_size 64\n";

    /** {@code add(n, x, y, z)}: z[i] = x[i] + y[i]; {@code store(p)}: *p = 7; {@code last(ns)}, which waits for the timer; {@code trapped()}; a variable {@code answer}. */
    static final String KERNELS = HEAD + """
            .visible .global .align 4 .u32 answer = 42;
            .visible .entry add(.param .u32 n, .param .u64 x, .param .u64 y, .param .u64 z)
            {
                .reg .pred %p<2>;
                .reg .f32 %f<4>;
                .reg .b32 %r<6>;
                .reg .b64 %rd<8>;
                ld.param.u32 %r2, [n];
                ld.param.u64 %rd1, [x];
                ld.param.u64 %rd2, [y];
                ld.param.u64 %rd3, [z];
                mov.u32 %r3, %ctaid.x;
                mov.u32 %r4, %ntid.x;
                mov.u32 %r5, %tid.x;
                mad.lo.s32 %r1, %r3, %r4, %r5;
                setp.ge.s32 %p1, %r1, %r2;
                @%p1 bra DONE;
                mul.wide.s32 %rd4, %r1, 4;
                add.s64 %rd5, %rd1, %rd4;
                add.s64 %rd6, %rd2, %rd4;
                add.s64 %rd7, %rd3, %rd4;
                ld.global.f32 %f1, [%rd5];
                ld.global.f32 %f2, [%rd6];
                add.f32 %f3, %f1, %f2;
                st.global.f32 [%rd7], %f3;
            DONE:
                ret;
            }
            .visible .entry store(.param .u64 p)
            {
                .reg .b32 %r<2>;
                .reg .b64 %rd<2>;
                ld.param.u64 %rd1, [p];
                mov.u32 %r1, 7;
                st.global.u32 [%rd1], %r1;
                ret;
            }
            .visible .entry last(.param .u64 ns)
            {
                .reg .pred %p<2>;
                .reg .b64 %rd<5>;
                ld.param.u64 %rd1, [ns];
                mov.u64 %rd2, %globaltimer;
            AGAIN:
                mov.u64 %rd3, %globaltimer;
                sub.u64 %rd4, %rd3, %rd2;
                setp.lt.u64 %p1, %rd4, %rd1;
                @%p1 bra AGAIN;
                ret;
            }
            .visible .entry trapped()
            {
                trap;
            }
            .visible .entry forever()
            {
            AGAIN:
                bra AGAIN;
            }
            """;

    private Ptx() {}

    /** A zero-terminated image. */
    static Memory image(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Memory memory = new Memory(bytes.length + 1L);
        memory.clear();
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    static Pointer load(Cuda cuda) {
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, image(KERNELS)));
        return module.getValue();
    }

    static Pointer function(Cuda cuda, Pointer module, String name) {
        PointerByReference function = new PointerByReference();
        Cuda.check(cuda.cuModuleGetFunction(function, module, name));
        return function.getValue();
    }

    /** Parameters as cuLaunchKernel takes them: Integer or Long values. */
    static Memory parameters(Object... values) {
        Memory memory = new Memory(16L * values.length + 16);
        for (int i = 0; i < values.length; i++) {
            Pointer value = memory.share(8L * values.length + 8L * i);
            if (values[i] instanceof Integer number) {
                value.setInt(0, number);
            } else {
                value.setLong(0, (Long) values[i]);
            }
            memory.setPointer(8L * i, value);
        }
        return memory;
    }

    static int launch(Cuda cuda, Pointer function, int blocks, int threads, @Nullable Pointer parameters) {
        return cuda.cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, null, parameters, null);
    }
}
