package io.sluice.tests.client;

import static io.sluice.tests.client.JCudaDevice.fromDevice;
import static io.sluice.tests.client.JCudaDevice.onDevice;
import static io.sluice.tests.client.JCudaDevice.same;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * Kernels in the form that TornadoVM's PTX backend emits, launched as it launches them: {@code SEED NAME...}. All parameters are
 * packed into one buffer, a kernel context first; arrays have a header of 24 bytes. Each computes something of random numbers on
 * the GPU and again in Java, and the program ends with exit code 1 and what differs, or with 0.
 */
public final class TornadoKernels {
    private static final int HEADER = 6; // ints
    private static final int PLACE_OF_LENGTH = 4;

    private final Random random;
    private final CUmodule module;
    private final long kernelContext;

    private TornadoKernels(long seed) throws IOException {
        this.random = new Random(seed);
        this.module = JCudaDevice.open("tornado");
        this.kernelContext = addressOf(onDevice(new int[16]));
    }

    public static void main(String[] arguments) throws IOException {
        TornadoKernels kernels = new TornadoKernels(Long.parseLong(arguments[0]));
        for (String name : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            kernels.run(name);
        }
    }

    private void run(String name) {
        switch (name) {
            case "add_arrays" -> addArrays();
            case "multiply" -> multiply();
            case "sort" -> sort();
            case "histogram" -> histogram();
            case "halves" -> halves();
            case "collatz" -> collatz();
            case "simd_sum" -> simdSum();
            case "units" -> units();
            case "hello" -> launch("s0_t7_hello", 1, 3, random.nextInt());
            default -> throw new IllegalArgumentException(name);
        }
    }

    private void addArrays() {
        int[] a = random.ints(1 + random.nextInt(2000)).toArray();
        int[] b = random.ints(a.length).toArray();
        CUdeviceptr c = array(new int[a.length]);
        launch("s0_t0_add_arrays", 4, 64, address(a), address(b), addressOf(c));
        int[] expected = new int[a.length];
        Arrays.setAll(expected, i -> a[i] + b[i]);
        same(expected, elements(c, a.length));
    }

    /** Of small whole numbers, so that no float is rounded. */
    private void multiply() {
        int tiles = 1 + random.nextInt(4);
        int n = 8 * tiles;
        int[] a = random.ints((long) n * n, -50, 50).toArray();
        int[] b = random.ints((long) n * n, -50, 50).toArray();
        CUdeviceptr c = array(new int[n * n]);
        long[] parameters = {kernelContext, address(floats(a)), address(floats(b)), addressOf(c), n};
        launch("s0_t1_multiply", new int[] {tiles, tiles}, new int[] {8, 8}, parameters);
        int[] expected = new int[n * n];
        for (int i = 0; i < n * n; i++) {
            for (int k = 0; k < n; k++) {
                expected[i] += a[i / n * n + k] * b[k * n + i % n];
            }
        }
        same(floats(expected), elements(c, n * n));
    }

    private void sort() {
        int threads = 1 + random.nextInt(100);
        int[] numbers = random.ints(8L * threads).toArray();
        CUdeviceptr sorted = array(numbers);
        launch("s0_t2_sort", 1, threads, addressOf(sorted));
        for (int i = 0; i < numbers.length; i += 8) {
            Arrays.sort(numbers, i, i + 8);
        }
        same(numbers, elements(sorted, numbers.length));
    }

    private void histogram() {
        int[] numbers = random.ints(1 + random.nextInt(500)).toArray();
        CUdeviceptr counts = array(new int[16]);
        CUdeviceptr sum = array(new int[2]);
        launch("s0_t3_histogram", 8, 64, address(numbers), addressOf(counts), addressOf(sum));
        int[] expected = new int[16];
        for (int number : numbers) {
            expected[number & 15]++;
        }
        same(expected, elements(counts, 16));
        long total = Arrays.stream(numbers).asLongStream().sum();
        same(new int[] {(int) total, (int) (total >>> 32)}, elements(sum, 2));
    }

    /** Of whole numbers so small that every result is one that a half holds. */
    private void halves() {
        int threads = 1 + random.nextInt(60);
        int[] a = random.ints(4L * threads, 1, 9).toArray();
        int[] b = random.ints(4L * threads, 1, 4).map(x -> 4 * x).toArray();
        CUdeviceptr c = array(new int[2 * threads]);
        CUdeviceptr sums = array(new int[threads]);
        long four = 0x4400;
        launch("s0_t4_halves", 1, threads, address(halves(a)), address(halves(b)), addressOf(c), addressOf(sums), four);
        int[] expected = new int[4 * threads];
        Arrays.setAll(expected, i -> (a[i] + b[i]) * a[i] - b[i] / 4);
        same(halves(expected), elements(c, 2 * threads));
        int[] total = new int[threads];
        Arrays.setAll(total, i -> Arrays.stream(expected, 4 * i, 4 * i + 4).sum());
        same(floats(total), elements(sums, threads));
    }

    /** A function of its own, called for each number. */
    private void collatz() {
        int most = 50 + random.nextInt(100);
        int[] numbers = random.ints(1 + random.nextInt(200), 1, 10_000).toArray();
        CUdeviceptr results = array(numbers);
        launch("s0_t5_collatz", 4, 64, addressOf(results), most);
        int[] expected = Arrays.stream(numbers)
                .map(number -> 100 * steps(number, most) + Integer.bitCount(number))
                .toArray();
        same(expected, elements(results, numbers.length));
    }

    private static int steps(int number, int most) {
        int steps = 0;
        for (int n = number; n > 1 && steps < most; steps++) {
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
        }
        return steps;
    }

    private void simdSum() {
        int warps = 1 + random.nextInt(4);
        int[] numbers = random.ints(32L * warps, -1000, 1000).toArray();
        CUdeviceptr sums = array(new int[numbers.length]);
        launch("s0_t6_simd_sum", 1, numbers.length, kernelContext, address(floats(numbers)), addressOf(sums));
        int[] expected = new int[numbers.length];
        Arrays.setAll(
                expected,
                i -> Arrays.stream(numbers, i / 32 * 32, i / 32 * 32 + 32).sum());
        same(floats(expected), elements(sums, numbers.length));
    }

    /** A product on the matrix unit, of whole numbers so small that no sum is rounded. */
    private void units() {
        int[] a = random.ints(16 * 16, 1, 20).toArray();
        int[] b = random.ints(16 * 8, 1, 20).toArray();
        CUdeviceptr c = array(new int[16 * 8]);
        launch("s0_t8_units", 1, 32, kernelContext, address(halves(a)), address(halves(b)), addressOf(c));
        int[] expected = new int[16 * 8];
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < 16; k++) {
                expected[i] += a[i / 8 * 16 + k] * b[k * 8 + i % 8];
            }
        }
        same(floats(expected), elements(c, expected.length));
    }

    private void launch(String kernel, int blocks, int threads, long... parameters) {
        launch(kernel, new int[] {blocks, 1}, new int[] {threads, 1}, parameters);
    }

    private void launch(String kernel, int[] grid, int[] block, long... parameters) {
        ByteBuffer packed = ByteBuffer.allocateDirect(8 + 8 * parameters.length).order(ByteOrder.LITTLE_ENDIAN);
        packed.putLong(kernelContext);
        Arrays.stream(parameters).forEach(packed::putLong);
        Pointer extra = Pointer.to(
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_POINTER,
                Pointer.to(packed.rewind()),
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_SIZE,
                Pointer.to(new long[] {packed.capacity()}),
                JCudaDriver.CU_LAUNCH_PARAM_END);
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, kernel);
        cuLaunchKernel(function, grid[0], grid[1], 1, block[0], block[1], 1, 0, null, null, extra);
        cuCtxSynchronize();
    }

    private static int[] floats(int[] numbers) {
        return Arrays.stream(numbers)
                .map(number -> Float.floatToRawIntBits(number))
                .toArray();
    }

    /** Two of them in each int. */
    private static int[] halves(int[] numbers) {
        int[] packed = new int[numbers.length / 2];
        Arrays.setAll(packed, i -> half(numbers[2 * i]) | half(numbers[2 * i + 1]) << 16);
        return packed;
    }

    /** The bits of a whole number from 1 to 2047. */
    private static int half(int number) {
        int exponent = 31 - Integer.numberOfLeadingZeros(number);
        return (exponent + 15) << 10 | (number << (10 - exponent) & 0x3ff);
    }

    private static CUdeviceptr array(int[] numbers) {
        int[] all = new int[HEADER + numbers.length];
        System.arraycopy(numbers, 0, all, HEADER, numbers.length);
        all[PLACE_OF_LENGTH] = numbers.length;
        return onDevice(all);
    }

    private static int[] elements(CUdeviceptr array, int count) {
        return Arrays.copyOfRange(fromDevice(array, HEADER + count), HEADER, HEADER + count);
    }

    private static long address(int[] numbers) {
        return addressOf(array(numbers));
    }

    /** JCuda keeps it to itself: the GPU tells. */
    private static long addressOf(CUdeviceptr pointer) {
        ByteBuffer word = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        CUdeviceptr copy = onDevice(new int[2]);
        JCudaDriver.cuMemcpyHtoD(copy, Pointer.to(pointer), 8);
        cuMemcpyDtoH(Pointer.to(word), copy, 8);
        JCudaDriver.cuMemFree(copy);
        return word.getLong(0);
    }
}
