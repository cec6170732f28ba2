package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.*;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.Pointer;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUDA_MEMCPY3D;
import jcuda.driver.CUDA_MEMSET_NODE_PARAMS;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUhostFn;
import jcuda.driver.CUmemAttach_flags;
import jcuda.driver.CUmemorytype;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * An ordinary JCuda program that lets graphs, streams, events, managed memory and host functions work on random numbers, and
 * computes the same in Java. {@code round SEED} on stdin is answered with {@code 0} and how many numbers were right.
 */
public final class GraphsClient {
    private static final int THREADS = 128;

    /** {@code step(p, n, a, b)}: p[i] = p[i] * a + b. */
    private static final String PTX = """
            .version 6.4
            .target sm_52
            .address_size 64
            .visible .entry step(.param .u64 p, .param .u32 n, .param .u32 a, .param .u32 b)
            {
                .reg .pred %out;
                .reg .b32 %block, %width, %thread, %i, %n, %a, %b, %v;
                .reg .b64 %p, %offset;
                mov.u32 %block, %ctaid.x;
                mov.u32 %width, %ntid.x;
                mov.u32 %thread, %tid.x;
                mad.lo.u32 %i, %block, %width, %thread;
                ld.param.u32 %n, [n];
                setp.ge.u32 %out, %i, %n;
                @%out bra done;
                ld.param.u64 %p, [p];
                ld.param.u32 %a, [a];
                ld.param.u32 %b, [b];
                mul.wide.u32 %offset, %i, 4;
                add.u64 %p, %p, %offset;
                ld.global.u32 %v, [%p];
                mad.lo.u32 %v, %v, %a, %b;
                st.global.u32 [%p], %v;
            done:
                ret;
            }
            """;

    private final CUfunction step = new CUfunction();
    private final CUcontext context = new CUcontext();

    private GraphsClient() {
        JCudaDriver.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        cuCtxCreate(context, 0, device);
        CUmodule module = new CUmodule();
        cuModuleLoadData(module, PTX + "\0");
        cuModuleGetFunction(step, module, "step");
    }

    public static void main(String[] arguments) throws IOException {
        GraphsClient client = new GraphsClient();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println("0 " + client.round(new Random(Long.parseLong(line.split(" ")[1]))));
            System.out.flush();
        }
    }

    private long round(Random random) {
        return builtGraph(random) + capturedGraph(random) + streamsAndEvents(random) + managedAndHostFunctions(random);
    }

    private Pointer parameters(CUdeviceptr memory, int n, int a, int b) {
        return Pointer.to(
                Pointer.to(memory), Pointer.to(new int[] {n}), Pointer.to(new int[] {a}), Pointer.to(new int[] {b}));
    }

    private void launch(CUdeviceptr memory, int n, int a, int b, CUstream stream) {
        int blocks = (n + THREADS - 1) / THREADS;
        cuLaunchKernel(step, blocks, 1, 1, THREADS, 1, 1, 0, stream, parameters(memory, n, a, b), null);
    }

    private static int rightOnes(int[] expected, int[] found) {
        if (!Arrays.equals(expected, found)) {
            throw new IllegalStateException(
                    "expected " + Arrays.toString(expected) + ", not " + Arrays.toString(found));
        }
        return expected.length;
    }

    private static int[] fromDevice(CUdeviceptr memory, int n) {
        int[] values = new int[n];
        cuMemcpyDtoH(Pointer.to(values), memory, 4L * n);
        return values;
    }

    private static CUdeviceptr allocate(int n) {
        CUdeviceptr memory = new CUdeviceptr();
        cuMemAlloc(memory, 4L * n);
        return memory;
    }

    /** A fill, two kernels beside each other, and a copy after both; launched some times. */
    private long builtGraph(Random random) {
        int n = 1 + random.nextInt(2000);
        int fill = random.nextInt();
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr one = allocate(n);
        CUdeviceptr two = allocate(n);
        CUgraph graph = new CUgraph();
        cuGraphCreate(graph, 0);
        CUgraphNode first = addFill(graph, one, fill, n);
        CUgraphNode second = addFill(graph, two, ~fill, n);
        CUgraphNode third = addKernel(graph, one, n, a, b, first);
        CUgraphNode fourth = addKernel(graph, two, n, b, a, second);
        CUgraphNode join = new CUgraphNode();
        cuGraphAddEmptyNode(join, graph, new CUgraphNode[] {third, fourth}, 2);
        int half = n / 2;
        if (half > 0) {
            addCopy(graph, two, one, half, join);
        }
        CUgraphExec exec = new CUgraphExec();
        cuGraphInstantiate(exec, graph, 0);
        CUstream stream = new CUstream();
        cuStreamCreate(stream, 1);
        int launches = 1 + random.nextInt(5);
        for (int i = 0; i < launches; i++) {
            cuGraphLaunch(exec, stream);
        }
        cuStreamSynchronize(stream);
        int[] expectedOne = new int[n];
        Arrays.fill(expectedOne, fill * a + b);
        int[] expectedTwo = new int[n];
        Arrays.fill(expectedTwo, ~fill * b + a);
        Arrays.fill(expectedTwo, 0, half, fill * a + b);
        long right = rightOnes(expectedOne, fromDevice(one, n)) + rightOnes(expectedTwo, fromDevice(two, n));
        cuGraphExecDestroy(exec);
        cuGraphDestroy(graph);
        cuStreamDestroy(stream);
        cuMemFree(one);
        cuMemFree(two);
        return right;
    }

    private CUgraphNode addFill(CUgraph graph, CUdeviceptr memory, int value, int n) {
        CUDA_MEMSET_NODE_PARAMS fill = new CUDA_MEMSET_NODE_PARAMS();
        fill.dst = memory;
        fill.value = value;
        fill.elementSize = 4;
        fill.width = n;
        fill.height = 1;
        CUgraphNode node = new CUgraphNode();
        cuGraphAddMemsetNode(node, graph, null, 0, fill, context);
        return node;
    }

    private CUgraphNode addKernel(CUgraph graph, CUdeviceptr memory, int n, int a, int b, CUgraphNode after) {
        CUDA_KERNEL_NODE_PARAMS kernel = new CUDA_KERNEL_NODE_PARAMS();
        kernel.func = step;
        kernel.gridDimX = (n + THREADS - 1) / THREADS;
        kernel.gridDimY = 1;
        kernel.gridDimZ = 1;
        kernel.blockDimX = THREADS;
        kernel.blockDimY = 1;
        kernel.blockDimZ = 1;
        kernel.kernelParams = parameters(memory, n, a, b);
        CUgraphNode node = new CUgraphNode();
        cuGraphAddKernelNode(node, graph, new CUgraphNode[] {after}, 1, kernel);
        return node;
    }

    private void addCopy(CUgraph graph, CUdeviceptr to, CUdeviceptr from, int n, CUgraphNode after) {
        CUDA_MEMCPY3D copy = new CUDA_MEMCPY3D();
        copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
        copy.srcDevice = from;
        copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
        copy.dstDevice = to;
        copy.WidthInBytes = 4L * n;
        copy.Height = 1;
        copy.Depth = 1;
        cuGraphAddMemcpyNode(new CUgraphNode(), graph, new CUgraphNode[] {after}, 1, copy, context);
    }

    /** Two streams, forked and joined by events, captured once and launched some times. */
    private long capturedGraph(Random random) {
        int n = 1 + random.nextInt(2000);
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr one = allocate(n);
        CUdeviceptr two = allocate(n);
        CUstream main = new CUstream();
        CUstream side = new CUstream();
        cuStreamCreate(main, 1);
        cuStreamCreate(side, 1);
        cuMemsetD32Async(one, a, n, main);
        cuMemsetD32Async(two, b, n, main);
        cuStreamBeginCapture(main, random.nextInt(3));
        order(main, side);
        launch(one, n, a, b, main);
        launch(two, n, b, a, side);
        order(side, main);
        launch(two, n, a, 1, main);
        CUgraph graph = new CUgraph();
        cuStreamEndCapture(main, graph);
        CUgraphExec exec = new CUgraphExec();
        cuGraphInstantiate(exec, graph, 0);
        int launches = 1 + random.nextInt(5);
        int expectedOne = a;
        int expectedTwo = b;
        for (int i = 0; i < launches; i++) {
            cuGraphLaunch(exec, main);
            expectedOne = expectedOne * a + b;
            expectedTwo = (expectedTwo * b + a) * a + 1;
        }
        cuStreamSynchronize(main);
        int[] ones = new int[n];
        Arrays.fill(ones, expectedOne);
        int[] twos = new int[n];
        Arrays.fill(twos, expectedTwo);
        long right = rightOnes(ones, fromDevice(one, n)) + rightOnes(twos, fromDevice(two, n));
        cuGraphExecDestroy(exec);
        cuGraphDestroy(graph);
        cuStreamDestroy(main);
        cuStreamDestroy(side);
        cuMemFree(one);
        cuMemFree(two);
        return right;
    }

    private static void order(CUstream before, CUstream after) {
        CUevent event = new CUevent();
        cuEventCreate(event, 2);
        cuEventRecord(event, before);
        cuStreamWaitEvent(after, event, 0);
        cuEventDestroy(event);
    }

    /** Page-locked buffers copied in and out around kernels on streams that wait for each other; timed by events. */
    private long streamsAndEvents(Random random) {
        int n = 1 + random.nextInt(2000);
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr memory = allocate(n);
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
        launch(memory, n, a, b, in);
        order(in, out);
        launch(memory, n, b, a, out);
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
        long right = rightOnes(expected, found) + (milliseconds[0] > 0 ? 1 : 0);
        cuMemFreeHost(host);
        cuMemFree(memory);
        cuEventDestroy(begin);
        cuEventDestroy(end);
        cuStreamDestroy(in);
        cuStreamDestroy(out);
        return right;
    }

    /** Kernels and host functions take turns on the same managed numbers. */
    private long managedAndHostFunctions(Random random) {
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
            launch(memory, n, a, b, stream);
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
        long right = rightOnes(numbers, found) + called.get();
        cuMemFree(memory);
        cuStreamDestroy(stream);
        return right;
    }
}
