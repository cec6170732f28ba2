package io.sluice.conformance;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * One run of one check: calls the driver, judges its answers, and gives back at the end what was made on the way. Methods that
 * make something end the check where the driver refuses.
 */
public final class Trial {
    private static final int NO_FLAGS = 0;

    private final Cuda cuda;
    private final OtherProcess.Starter others;
    private final Support support;
    private final Deque<Runnable> undone = new ArrayDeque<>();
    /** Callbacks and memory that the driver may still look at: JNA frees what nobody refers to. */
    private final List<Object> kept = new ArrayList<>();

    Trial(Cuda cuda, OtherProcess.Starter others, Support support) {
        this.cuda = cuda;
        this.others = others;
        this.support = support;
    }

    /** Calls and judges nothing. */
    public int call(String function, @Nullable Object... arguments) {
        Object[] resolved = Arrays.stream(arguments)
                .map(argument -> argument instanceof Given given ? given.in(this) : argument)
                .toArray();
        kept.addAll(Arrays.stream(resolved).filter(Objects::nonNull).toList());
        return cuda.call(function, resolved);
    }

    public void expect(Expected expected, String function, @Nullable Object... arguments) {
        int result = call(function, arguments);
        if (expected.allows(result)) {
            return;
        }
        if (result == Result.NOT_SUPPORTED.code()) {
            throw refused(function + " answered NOT_SUPPORTED");
        }
        throw failure(function + ": expected " + expected.describe() + ", got " + Result.describe(result));
    }

    public void ok(String function, @Nullable Object... arguments) {
        expect(Result.SUCCESS, function, arguments);
    }

    public void equal(long expected, long got, String what) {
        if (expected != got) {
            throw failure(what + ": expected " + expected + ", got " + got);
        }
    }

    /** @param what the driver did, where the condition does not hold */
    public void that(boolean condition, String what) {
        if (!condition) {
            throw failure(what);
        }
    }

    /** Ends the check where this machine has not what it needs. */
    public void applicableIf(boolean condition, String otherwise) {
        if (!condition) {
            throw new CheckEnded(Verdict.NOT_APPLICABLE, otherwise);
        }
    }

    /** Ends the check where the driver says, by other means than a result, that it does not do this. */
    public void supportedIf(boolean condition, String otherwise) {
        if (!condition) {
            throw new CheckEnded(Verdict.NOT_SUPPORTED, otherwise);
        }
    }

    public RuntimeException failure(String what) {
        return new CheckEnded(Verdict.FAIL, what);
    }

    private RuntimeException refused(String what) {
        return support instanceof Support.LeftOpen
                ? new CheckEnded(Verdict.NOT_SUPPORTED, what)
                : failure(what + " to something that it has to support, or claims to");
    }

    /** Zero bytes of host memory. */
    public Memory room(long bytes) {
        Memory memory = new Memory(bytes);
        memory.clear();
        return keep(memory);
    }

    public <T> T keep(T object) {
        kept.add(object);
        return object;
    }

    /** Called at the end of the check, the last first. What it calls is not judged. */
    public void later(Runnable undo) {
        undone.push(undo);
    }

    /** Calls this at the end of the check. */
    public void laterCall(String function, @Nullable Object... arguments) {
        later(() -> cuda.call(function, arguments));
    }

    public int device() {
        return 0;
    }

    public int deviceCount() {
        return intFrom("cuDeviceGetCount");
    }

    public int attribute(Attribute attribute) {
        Memory value = room(4);
        ok("cuDeviceGetAttribute", value, attribute.number(), device());
        return value.getInt(0);
    }

    /** What a function puts into an int, its first argument. */
    public int intFrom(String function, @Nullable Object... others) {
        return put(function, others).getInt(0);
    }

    public long longFrom(String function, @Nullable Object... others) {
        return put(function, others).getLong(0);
    }

    /** What a function puts into a handle or pointer, its first argument. */
    public Pointer handleFrom(String function, @Nullable Object... others) {
        Pointer handle = put(function, others).getPointer(0);
        if (handle == null) {
            throw failure(function + " succeeded and put out NULL");
        }
        return handle;
    }

    /** All that a function puts out by its first argument, at most 1,024 bytes. */
    public Memory put(String function, @Nullable Object... others) {
        Memory out = room(1024);
        Object[] arguments = new Object[others.length + 1];
        arguments[0] = out;
        System.arraycopy(others, 0, arguments, 1, others.length);
        ok(function, arguments);
        return out;
    }

    /** Device memory; freed at the end. */
    public long memory(long bytes) {
        long address = longFrom("cuMemAlloc", bytes);
        laterCall("cuMemFree", address);
        return address;
    }

    /** Page-locked host memory; freed at the end. */
    public Pointer pinned(long bytes) {
        Pointer memory = handleFrom("cuMemHostAlloc", bytes, NO_FLAGS);
        laterCall("cuMemFreeHost", memory);
        return memory;
    }

    public Pointer stream(int flags) {
        Pointer stream = handleFrom("cuStreamCreate", flags);
        laterCall("cuStreamDestroy", stream);
        return stream;
    }

    public Pointer event(int flags) {
        Pointer event = handleFrom("cuEventCreate", flags);
        laterCall("cuEventDestroy", event);
        return event;
    }

    /** Makes a context, which is current then; it is destroyed at the end. */
    public Pointer context(int flags) {
        Pointer context = handleFrom("cuCtxCreate", flags, device());
        laterCall("cuCtxDestroy", context);
        return context;
    }

    /** The context that is current, or null. */
    public @Nullable Pointer current() {
        return put("cuCtxGetCurrent").getPointer(0);
    }

    /** The suite's own kernels, loaded into the current context. */
    public Pointer module() {
        Pointer module = handleFrom("cuModuleLoadData", Kernels.image(Kernels.TEXT));
        laterCall("cuModuleUnload", module);
        return module;
    }

    public Pointer function(String kernel) {
        return handleFrom("cuModuleGetFunction", module(), kernel);
    }

    /** Holds up a stream; opened at the end of the check if not before. */
    public Gate gate(@Nullable Pointer stream) {
        Gate gate = keep(new Gate());
        ok("cuLaunchHostFunc", stream, gate.function(), Given.NULL);
        later(gate::close);
        return gate;
    }

    /** One block. Parameters are Integer or Long, as the kernel declares them. */
    public void launch(Pointer function, int threads, @Nullable Pointer stream, Object... parameters) {
        ok(
                "cuLaunchKernel",
                function,
                1,
                1,
                1,
                threads,
                1,
                1,
                0,
                stream,
                keep(Kernels.parameters(parameters)),
                Given.NULL);
    }

    /** Runs a host function when its turn comes in the stream. */
    public void hostFunction(@Nullable Pointer stream, Runnable work) {
        Gate.HostFunction function = keep(data -> work.run());
        ok("cuLaunchHostFunc", stream, function, Given.NULL);
    }

    public void write(long device, byte[] bytes) {
        Memory host = room(bytes.length);
        host.write(0, bytes, 0, bytes.length);
        ok("cuMemcpyHtoD", device, host, (long) bytes.length);
    }

    public byte[] read(long device, int count) {
        Memory host = room(count);
        ok("cuMemcpyDtoH", host, device, (long) count);
        return host.getByteArray(0, count);
    }

    public int readInt(long device) {
        Memory host = room(4);
        ok("cuMemcpyDtoH", host, device, 4L);
        return host.getInt(0);
    }

    public void same(byte[] expected, byte[] got, String what) {
        int at = Arrays.mismatch(expected, got);
        if (at >= 0) {
            throw failure(what + ": byte " + at + " of " + expected.length + " is "
                    + (at < got.length ? got[at] : "missing") + ", expected "
                    + (at < expected.length ? expected[at] : "none"));
        }
    }

    /** In a thread of its own, to the end; what ends the check there ends it here. */
    public void inThread(Runnable work) {
        FutureTask<@Nullable Void> task = new FutureTask<>(work, null);
        new Thread(task, "of a check").start();
        try {
            task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException thrown ? thrown : new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a role in another process, to its end, and returns what it says. */
    public String inAnotherProcess(String role, String... arguments) {
        return others.run(role, List.of(arguments));
    }

    void end() {
        while (!undone.isEmpty()) {
            try {
                undone.pop().run();
            } catch (CheckEnded ignored) {
                // What a check makes is given back as far as it goes.
            }
        }
    }
}
