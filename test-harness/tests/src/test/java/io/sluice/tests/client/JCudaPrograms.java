package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchCooperativeKernel;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleGetGlobal;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * Ordinary JCuda programs: {@code NAME SEED}. Each computes something of random numbers on the GPU and again in Java, and ends
 * with exit code 1 and what differs, or with 0.
 */
public final class JCudaPrograms {
    private final Random random;
    private final CUmodule module = new CUmodule();

    private JCudaPrograms(String name, long seed) throws IOException {
        this.random = new Random(seed);
        JCudaDriver.setExceptionsEnabled(true);
        CUdevice device = new CUdevice();
        cuInit(0);
        cuDeviceGet(device, 0);
        cuCtxCreate(new CUcontext(), 0, device);
        try (InputStream ptx = JCudaPrograms.class.getResourceAsStream("/ptx/" + name + ".ptx")) {
            if (ptx == null) {
                throw new IllegalArgumentException("no program " + name);
            }
            cuModuleLoadData(module, new String(ptx.readAllBytes(), StandardCharsets.UTF_8) + "\0");
        }
    }

    public static void main(String[] arguments) throws IOException {
        JCudaPrograms program = new JCudaPrograms(arguments[0], Long.parseLong(arguments[1]));
        switch (arguments[0]) {
            case "reduction" -> program.reduction();
            case "constant" -> program.constant();
            case "shuffle" -> program.shuffle();
            case "cooperative" -> program.cooperative();
            case "printf" -> program.printf();
            case "tornado" -> program.tornado();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Block sums in dynamic shared memory, then the sum of those. */
    private void reduction() {
        int threads = 1 << (5 + random.nextInt(4));
        int blocks = 1 << random.nextInt(5);
        int[] numbers =
                random.ints((long) blocks * threads - random.nextInt(threads)).toArray();
        CUdeviceptr in = onDevice(numbers);
        CUdeviceptr sums = onDevice(new int[blocks]);
        CUdeviceptr sum = onDevice(new int[1]);
        CUfunction reduce = function("reduce");
        launch(reduce, blocks, threads, Pointer.to(in), Pointer.to(sums), word(numbers.length));
        launch(reduce, 1, blocks, Pointer.to(sums), Pointer.to(sum), word(blocks));
        same(new int[] {Arrays.stream(numbers).sum()}, fromDevice(sum, 1));
    }

    /** A polynomial whose coefficients the program writes to constant memory. */
    private void constant() {
        int[] coefficients = random.ints(4).toArray();
        int[] numbers = random.ints(1 + random.nextInt(1000)).toArray();
        CUdeviceptr table = new CUdeviceptr();
        long[] bytes = new long[1];
        cuModuleGetGlobal(table, bytes, module, "coefficients");
        same(new int[] {16}, new int[] {(int) bytes[0]});
        cuMemcpyHtoD(table, Pointer.to(coefficients), bytes[0]);
        CUdeviceptr in = onDevice(numbers);
        CUdeviceptr out = onDevice(new int[numbers.length]);
        launch(
                function("polynomial"),
                (numbers.length + 127) / 128,
                128,
                Pointer.to(in),
                Pointer.to(out),
                word(numbers.length));
        int[] expected = Arrays.stream(numbers)
                .map(x -> ((coefficients[3] * x + coefficients[2]) * x + coefficients[1]) * x + coefficients[0])
                .toArray();
        same(expected, fromDevice(out, numbers.length));
    }

    /** The sum of each warp by shuffles, which every lane gets. */
    private void shuffle() {
        int warps = 1 + random.nextInt(8);
        int[] numbers = random.ints(32L * warps).toArray();
        CUdeviceptr in = onDevice(numbers);
        CUdeviceptr out = onDevice(new int[numbers.length]);
        launch(function("warpSum"), 1, 32 * warps, Pointer.to(in), Pointer.to(out));
        int[] expected = new int[numbers.length];
        for (int i = 0; i < expected.length; i++) {
            int warp = i / 32 * 32;
            expected[i] = Arrays.stream(numbers, warp, warp + 32).sum();
        }
        same(expected, fromDevice(out, numbers.length));
    }

    /** Blocks that wait for one another: each adds up what all have written before the barrier of the whole grid. */
    private void cooperative() {
        int blocks = 2 + random.nextInt(7);
        int[] numbers = random.ints(blocks).toArray();
        CUdeviceptr in = onDevice(numbers);
        CUdeviceptr written = onDevice(new int[blocks]);
        CUdeviceptr out = onDevice(new int[blocks]);
        CUdeviceptr arrived = onDevice(new int[1]);
        Pointer parameters = Pointer.to(Pointer.to(in), Pointer.to(written), Pointer.to(out), Pointer.to(arrived));
        cuLaunchCooperativeKernel(function("everySum"), blocks, 1, 1, 32, 1, 1, 0, null, parameters);
        cuCtxSynchronize();
        int[] expected = new int[blocks];
        Arrays.fill(expected, Arrays.stream(numbers).sum());
        same(expected, fromDevice(out, blocks));
    }

    /** What the kernel prints comes out at the next synchronisation: the test reads it. */
    private void printf() {
        launch(function("say"), 1, 3, word(random.nextInt()));
    }

    /** Vector addition as TornadoVM launches it: one buffer of packed parameters, arrays with a header of 24 bytes. */
    private void tornado() {
        int header = 24;
        int count = 1 + random.nextInt(2000);
        int[] a = random.ints(count).toArray();
        int[] b = random.ints(count).toArray();
        CUdeviceptr kernelContext = onDevice(new int[16]);
        CUdeviceptr first = onDevice(withHeader(a, header));
        CUdeviceptr second = onDevice(withHeader(b, header));
        CUdeviceptr third = onDevice(withHeader(new int[count], header));
        ByteBuffer packed = ByteBuffer.allocateDirect(32).order(ByteOrder.LITTLE_ENDIAN);
        for (CUdeviceptr each : new CUdeviceptr[] {kernelContext, first, second, third}) {
            packed.putLong(addressOf(each));
        }
        Pointer extra = Pointer.to(
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_POINTER,
                Pointer.to(packed.rewind()),
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_SIZE,
                Pointer.to(new long[] {32}),
                JCudaDriver.CU_LAUNCH_PARAM_END);
        cuLaunchKernel(function("s0_t0_add_arrays"), 4, 1, 1, 64, 1, 1, 0, null, null, extra);
        cuCtxSynchronize();
        int[] expected = new int[count];
        Arrays.setAll(expected, i -> a[i] + b[i]);
        int[] found = fromDevice(third, count + header / Integer.BYTES);
        same(expected, Arrays.copyOfRange(found, header / Integer.BYTES, found.length));
    }

    private static int[] withHeader(int[] numbers, int header) {
        int[] all = new int[header / Integer.BYTES + numbers.length];
        System.arraycopy(numbers, 0, all, header / Integer.BYTES, numbers.length);
        all[4] = numbers.length;
        return all;
    }

    private static long addressOf(CUdeviceptr pointer) {
        ByteBuffer word = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        CUdeviceptr copy = new CUdeviceptr();
        cuMemAlloc(copy, 8);
        cuMemcpyHtoD(copy, Pointer.to(pointer), 8);
        cuMemcpyDtoH(Pointer.to(word), copy, 8);
        cuMemFree(copy);
        return word.getLong(0);
    }

    private CUfunction function(String name) {
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, name);
        return function;
    }

    private static void launch(CUfunction function, int blocks, int threads, Pointer... parameters) {
        int shared = threads * Sizeof.INT;
        cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared, null, Pointer.to(parameters), null);
        cuCtxSynchronize();
    }

    private static Pointer word(int value) {
        return Pointer.to(new int[] {value});
    }

    private static CUdeviceptr onDevice(int[] numbers) {
        CUdeviceptr address = new CUdeviceptr();
        cuMemAlloc(address, (long) numbers.length * Sizeof.INT);
        cuMemcpyHtoD(address, Pointer.to(numbers), (long) numbers.length * Sizeof.INT);
        return address;
    }

    private static int[] fromDevice(CUdeviceptr address, int count) {
        int[] numbers = new int[count];
        cuMemcpyDtoH(Pointer.to(numbers), address, (long) count * Sizeof.INT);
        return numbers;
    }

    private static void same(int[] expected, int[] found) {
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
            System.err.printf("element %d: %d, and should be %d%n", at, found[at], expected[at]);
            System.exit(1);
        }
    }
}
