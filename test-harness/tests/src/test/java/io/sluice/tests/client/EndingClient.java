package io.sluice.tests.client;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/** Ends while its threads allocate and free GPU memory: {@code exit|halt CODE}. Some of it is never freed. */
public final class EndingClient {
    private static final NativeLibrary CUDA = NativeLibrary.getInstance("libcuda.so.1");
    private static final int THREADS = 4;
    private static final long BYTES = 50_000;

    private EndingClient() {}

    public static void main(String[] arguments) throws InterruptedException {
        PointerByReference context = new PointerByReference();
        call("cuInit", 0);
        call("cuCtxCreate_v2", context, 0, 0);
        call("cuMemAlloc_v2", new LongByReference(), BYTES);
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> allocateAndFree(context.getValue()));
            thread.setDaemon(true);
            thread.start();
        }
        Thread.sleep(300);
        int code = Integer.parseInt(arguments[1]);
        if (arguments[0].equals("halt")) {
            Runtime.getRuntime().halt(code);
        }
        System.exit(code);
    }

    private static void allocateAndFree(Pointer context) {
        LongByReference address = new LongByReference();
        CUDA.getFunction("cuCtxSetCurrent").invokeInt(new Object[] {context});
        for (; ; ) {
            if (CUDA.getFunction("cuMemAlloc_v2").invokeInt(new Object[] {address, BYTES}) == 0) {
                CUDA.getFunction("cuMemFree_v2").invokeInt(new Object[] {address.getValue()});
            }
        }
    }

    private static void call(String function, Object... arguments) {
        int result = CUDA.getFunction(function).invokeInt(arguments);
        if (result != 0) {
            throw new IllegalStateException(function + " answered " + result);
        }
    }
}
