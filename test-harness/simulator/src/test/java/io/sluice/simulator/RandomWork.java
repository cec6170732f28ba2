package io.sluice.simulator;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random program over a few 32-bit slots of managed memory: kernels, copies, fills and host functions. It can be run in Java,
 * and each step can be asked of the driver; steps that touch the same slot must run in the program's order.
 */
final class RandomWork {
    static final int SLOTS = 24;
    private static final int STEPS_AT_MOST = 60;

    /** {@code mix(p, a, b, c, k)}: p[c] = p[a] * 1664525 + (p[b] ^ k). */
    private static final String MIX = """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry mix(.param .u64 p, .param .u32 a, .param .u32 b, .param .u32 c, .param .u32 k)
            {
                .reg .b32 %r<10>;
                .reg .b64 %rd<8>;
                ld.param.u64 %rd1, [p];
                ld.param.u32 %r1, [a];
                ld.param.u32 %r2, [b];
                ld.param.u32 %r3, [c];
                ld.param.u32 %r4, [k];
                mul.wide.u32 %rd2, %r1, 4;
                mul.wide.u32 %rd3, %r2, 4;
                mul.wide.u32 %rd4, %r3, 4;
                add.s64 %rd5, %rd1, %rd2;
                add.s64 %rd6, %rd1, %rd3;
                add.s64 %rd7, %rd1, %rd4;
                ld.global.u32 %r5, [%rd5];
                ld.global.u32 %r6, [%rd6];
                xor.b32 %r7, %r6, %r4;
                mov.u32 %r8, 1664525;
                mad.lo.u32 %r9, %r5, %r8, %r7;
                st.global.u32 [%rd7], %r9;
                ret;
            }
            """;

    enum Kind {
        KERNEL,
        COPY,
        FILL,
        HOST
    }

    /** Reads slots a and b, writes slot c. */
    record Step(Kind kind, int a, int b, int c, int k) {
        boolean conflictsWith(Step other) {
            return writes(other.c) || reads(other.c) || other.reads(c);
        }

        private boolean writes(int slot) {
            return c == slot;
        }

        private boolean reads(int slot) {
            return switch (kind) {
                case KERNEL -> a == slot || b == slot;
                case COPY, HOST -> a == slot;
                case FILL -> false;
            };
        }

        void run(int[] slots) {
            slots[c] = switch (kind) {
                case KERNEL -> slots[a] * 1664525 + (slots[b] ^ k);
                case COPY -> slots[a];
                case FILL -> k;
                case HOST -> slots[a] * 31 + k;
            };
        }
    }

    final List<Step> steps = new ArrayList<>();
    final long slots;
    private final Cuda cuda;
    private final Graphs graphs;
    private final Pointer mix;
    private final List<Object> kept = new ArrayList<>(); // callbacks and parameters, which JNA frees otherwise

    RandomWork(Cuda cuda, Graphs graphs, SplittableRandom random) {
        this.cuda = cuda;
        this.graphs = graphs;
        LongByReference address = new LongByReference();
        Cuda.check(cuda.cuMemAllocManaged(address, 4L * SLOTS, 1));
        slots = address.getValue();
        PointerByReference module = new PointerByReference();
        Cuda.check(cuda.cuModuleLoadData(module, Ptx.image(MIX)));
        mix = Ptx.function(cuda, module.getValue(), "mix");
        int count = random.nextInt(1, STEPS_AT_MOST);
        for (int i = 0; i < count; i++) {
            steps.add(new Step(
                    Kind.values()[random.nextInt(4)],
                    random.nextInt(SLOTS),
                    random.nextInt(SLOTS),
                    random.nextInt(SLOTS),
                    random.nextInt()));
        }
    }

    /** Gives both the slots on the device and those in Java the same values. */
    int[] begin(SplittableRandom random) {
        int[] values = random.ints(SLOTS).toArray();
        new Pointer(slots).write(0, values, 0, SLOTS);
        return values;
    }

    int[] onDevice() {
        return new Pointer(slots).getIntArray(0, SLOTS);
    }

    void runInJava(int[] values) {
        steps.forEach(step -> step.run(values));
    }

    private long address(int slot) {
        return slots + 4L * slot;
    }

    private Memory parameters(Step step) {
        return Ptx.parameters(slots, step.a, step.b, step.c, step.k);
    }

    private Cuda.HostFunction hostFunction(Step step) {
        Pointer memory = new Pointer(slots);
        Cuda.HostFunction function = data -> memory.setInt(4L * step.c, memory.getInt(4L * step.a) * 31 + step.k);
        kept.add(function);
        return function;
    }

    void submit(Step step, Pointer stream) {
        Cuda.check(
                switch (step.kind) {
                    case KERNEL -> cuda.cuLaunchKernel(mix, 1, 1, 1, 1, 1, 1, 0, stream, parameters(step), null);
                    case COPY -> graphs.cuMemcpyAsync(address(step.c), address(step.a), 4, stream);
                    case FILL -> graphs.cuMemsetD32Async(address(step.c), step.k, 1, stream);
                    case HOST -> cuda.cuLaunchHostFunc(stream, hostFunction(step), null);
                });
    }

    Pointer addNode(Step step, Pointer graph, Pointer... needs) {
        return switch (step.kind) {
            case KERNEL -> graphs.addKernel(graph, Graphs.kernel(mix, 1, parameters(step)), needs);
            case COPY -> graphs.addCopy(graph, address(step.c), address(step.a), 4, needs);
            case FILL -> graphs.addFill(graph, address(step.c), step.k, 1, needs);
            case HOST -> graphs.addHost(graph, hostFunction(step), needs);
        };
    }
}
