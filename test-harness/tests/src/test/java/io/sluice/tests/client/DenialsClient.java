package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocManaged;
import static jcuda.driver.JCudaDriver.cuMemAllocPitch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUmemAttach_flags;
import jcuda.driver.JCudaDriver;

/** An application that asks for too much: {@code MODE BYTES}. It prints how often it was denied. */
public final class DenialsClient {
    private static final int OUT_OF_MEMORY = 2;

    private final CUcontext context = new CUcontext();
    private final long bytes;

    private DenialsClient(long bytes) {
        this.bytes = bytes;
        JCudaDriver.setExceptionsEnabled(false);
        CUdevice device = new CUdevice();
        cuInit(0);
        cuDeviceGet(device, 0);
        cuCtxCreate(context, 0, device);
    }

    public static void main(String[] arguments) throws InterruptedException {
        DenialsClient client = new DenialsClient(Long.parseLong(arguments[1]));
        switch (arguments[0]) {
            case "once" -> client.askTooMuch(1);
            case "storm" -> {
                client.askTooMuch(100_000);
                Thread.sleep(1100); // longer than denials are suppressed
                client.askTooMuch(1);
            }
            case "exit" -> {
                client.askTooMuch(1);
                System.exit(7);
            }
            case "threads" -> client.askTooMuchInThreads();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private void askTooMuch(int times) {
        int denied = 0;
        for (int i = 0; i < times; i++) {
            denied += cuMemAlloc(new CUdeviceptr(), bytes) == OUT_OF_MEMORY ? 1 : 0;
        }
        System.out.println("denied " + denied);
    }

    /** Three functions, so that up to three threads wait at once; the others of a function are suppressed. */
    private void askTooMuchInThreads() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < 8; i++) {
            int way = i % 3;
            Thread thread = new Thread(() -> askInThread(start, way), "asks in way " + way);
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("denied 8");
    }

    private void askInThread(CountDownLatch start, int way) {
        cuCtxSetCurrent(context);
        try {
            start.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        CUdeviceptr address = new CUdeviceptr();
        int result = switch (way) {
            case 0 -> cuMemAlloc(address, bytes);
            case 1 -> cuMemAllocManaged(address, bytes, CUmemAttach_flags.CU_MEM_ATTACH_GLOBAL);
            default -> cuMemAllocPitch(address, new long[1], bytes, 1, 4);
        };
        if (result != OUT_OF_MEMORY) {
            throw new IllegalStateException("answered " + result);
        }
    }
}
