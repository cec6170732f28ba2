package io.sluice.tests.client;

import static io.sluice.tests.client.JCudaDevice.fromDevice;
import static io.sluice.tests.client.JCudaDevice.onDevice;
import static io.sluice.tests.client.JCudaDevice.same;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchCooperativeKernel;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleGetGlobal;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/**
 * Ordinary JCuda programs: {@code NAME SEED}. Each computes something of random numbers on the GPU and again in Java, and ends
 * with exit code 1 and what differs, or with 0.
 */
public final class JCudaPrograms {
    private final Random random;
    private final CUmodule module;

    private JCudaPrograms(String name, long seed) throws IOException {
        this.random = new Random(seed);
        this.module = JCudaDevice.open(name);
    }

    public static void main(String[] arguments) throws IOException {
        JCudaPrograms program = new JCudaPrograms(arguments[0], Long.parseLong(arguments[1]));
        switch (arguments[0]) {
            case "reduction" -> program.reduction();
            case "constant" -> program.constant();
            case "shuffle" -> program.shuffle();
            case "cooperative" -> program.cooperative();
            case "printf" -> program.printf();
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
}
