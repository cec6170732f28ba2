package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchHostFunc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemAllocManaged;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamAttachMemAsync;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUhostFn;
import jcuda.driver.CUmemAttach_flags;
import jcuda.driver.CUstream;

/** Work on streams with events, page-locked and managed memory, and host functions, checked in Java. */
final class StreamRounds {
    private final StepKernel kernel;

    StreamRounds(StepKernel kernel) {
        this.kernel = kernel;
    }

    /** Page-locked buffers copied in and out around kernels on streams that wait for each other; timed by events. */
    long streamsAndEvents(Random random) {
        int n = 1 + random.nextInt(2000);
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr memory = StepKernel.allocate(n);
        Pointer host = new Pointer();
        cuMemAllocHost(host, 4L * n);
        IntBuffer numbers =
                host.getByteBuffer(0, 4L * n).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        int[] expected = random.ints(n).toArray();
        numbers.put(0, expected);
        CUevent begin = new CUevent();
        CUevent end = new CUevent();
        cuEventCreate(begin, 0);
        cuEventCreate(end, 0);
        CUstream in = new CUstream();
        CUstream out = new CUstream();
        cuStreamCreate(in, 1);
        cuStreamCreate(out, 1);
        cuEventRecord(begin, in);
        cuMemcpyHtoDAsync(memory, host, 4L * n, in);
        kernel.launch(memory, n, a, b, in);
        StepKernel.order(in, out);
        kernel.launch(memory, n, b, a, out);
        cuMemcpyDtoHAsync(host, memory, 4L * n, out);
        cuEventRecord(end, out);
        cuEventSynchronize(end);
        float[] milliseconds = new float[1];
        cuEventElapsedTime(milliseconds, begin, end);
        for (int i = 0; i < n; i++) {
            expected[i] = (expected[i] * a + b) * b + a;
        }
        int[] found = new int[n];
        numbers.get(0, found);
        long right = StepKernel.rightOnes(expected, found) + (milliseconds[0] > 0 ? 1 : 0);
        cuMemFreeHost(host);
        cuMemFree(memory);
        cuEventDestroy(begin);
        cuEventDestroy(end);
        cuStreamDestroy(in);
        cuStreamDestroy(out);
        return right;
    }

    /** Kernels and host functions take turns on the same managed numbers. */
    long managedAndHostFunctions(Random random) {
        int n = 1 + random.nextInt(500);
        int a = random.nextInt();
        int b = random.nextInt();
        int turns = 1 + random.nextInt(6);
        CUdeviceptr memory = new CUdeviceptr();
        // JCuda lends a buffer of managed memory that begins on the host's side, and of no other.
        cuMemAllocManaged(memory, 4L * n, CUmemAttach_flags.CU_MEM_ATTACH_HOST);
        CUstream stream = new CUstream();
        cuStreamCreate(stream, 1);
        cuStreamAttachMemAsync(stream, memory, 0, CUmemAttach_flags.CU_MEM_ATTACH_GLOBAL);
        cuMemsetD32Async(memory, a, n, stream);
        int expected = a;
        AtomicInteger called = new AtomicInteger();
        CountDownLatch last = new CountDownLatch(turns);
        CUhostFn function = data -> {
            called.incrementAndGet();
            last.countDown();
        };
        for (int i = 0; i < turns; i++) {
            kernel.launch(memory, n, a, b, stream);
            expected = expected * a + b;
            cuLaunchHostFunc(stream, function, null);
        }
        cuStreamSynchronize(stream);
        try {
            if (!last.await(1, TimeUnit.SECONDS)) {
                throw new IllegalStateException("host functions called: " + called + " of " + turns);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        int[] found = new int[n];
        ByteBuffer bytes = memory.getByteBuffer(0, 4L * n);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(0, found);
        int[] numbers = new int[n];
        Arrays.fill(numbers, expected);
        long right = StepKernel.rightOnes(numbers, found) + called.get();
        cuMemFree(memory);
        cuStreamDestroy(stream);
        return right;
    }
}
