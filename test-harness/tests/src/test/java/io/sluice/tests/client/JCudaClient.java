package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocManaged;
import static jcuda.driver.JCudaDriver.cuMemAllocPitch;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmemAttach_flags;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The JCuda half of {@code client.c}: the same commands on stdin, the same answers, for what JCuda programs do. */
public final class JCudaClient {
    private final List<CUdeviceptr> allocations = new ArrayList<>();

    private JCudaClient() {}

    public static void main(String[] arguments) throws IOException {
        JCudaDriver.setExceptionsEnabled(false);
        JCudaClient client = new JCudaClient();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(client.obey(line.split(" ", -1)));
            System.out.flush();
        }
    }

    private String obey(String[] words) throws IOException {
        return switch (words[0]) {
            case "init" -> String.valueOf(cuInit(0));
            case "context" -> context(Integer.parseInt(words[1]));
            case "alloc" -> {
                CUdeviceptr address = new CUdeviceptr();
                yield remember(cuMemAlloc(address, Long.parseLong(words[1])), address);
            }
            case "managed" -> {
                CUdeviceptr address = new CUdeviceptr();
                long bytes = Long.parseLong(words[1]);
                yield remember(cuMemAllocManaged(address, bytes, CUmemAttach_flags.CU_MEM_ATTACH_GLOBAL), address);
            }
            case "pitch" -> {
                CUdeviceptr address = new CUdeviceptr();
                long[] pitch = new long[1];
                int result = cuMemAllocPitch(address, pitch, Long.parseLong(words[1]), Long.parseLong(words[2]), 4);
                yield remember(result, address) + " " + pitch[0];
            }
            case "free" -> String.valueOf(cuMemFree(allocations.get(Integer.parseInt(words[1]))));
            case "info" -> {
                long[] free = new long[1];
                long[] total = new long[1];
                int result = cuMemGetInfo(free, total);
                yield result + " " + free[0] + " " + total[0];
            }
            case "total" -> {
                CUdevice device = new CUdevice();
                cuDeviceGet(device, Integer.parseInt(words[1]));
                long[] bytes = new long[1];
                int result = cuDeviceTotalMem(bytes, device);
                yield result + " " + bytes[0];
            }
            case "kernel" -> kernel(words);
            default -> "-1 no such command";
        };
    }

    private static String context(int ordinal) {
        CUdevice device = new CUdevice();
        int result = cuDeviceGet(device, ordinal);
        return (result != 0 ? result : cuCtxCreate(new CUcontext(), 0, device)) + " 0";
    }

    private String remember(int result, CUdeviceptr address) {
        if (result != 0) {
            return result + " 0";
        }
        allocations.add(address);
        return "0 " + (allocations.size() - 1);
    }

    /** {@code kernel PTX-FILE NAME IN-FILE OUT-FILE}: runs NAME(out, in, n) over n 32-bit elements. */
    private static String kernel(String[] words) throws IOException {
        byte[] elements = Files.readAllBytes(Path.of(words[3]));
        int count = elements.length / 4;
        CUmodule module = new CUmodule();
        CUfunction function = new CUfunction();
        CUdeviceptr in = new CUdeviceptr();
        CUdeviceptr out = new CUdeviceptr();
        Pointer parameters = Pointer.to(Pointer.to(out), Pointer.to(in), Pointer.to(new int[] {count}));
        String failed = firstFailure(
                () -> cuModuleLoadData(module, Files.readString(Path.of(words[1])) + "\0"),
                () -> cuModuleGetFunction(function, module, words[2]),
                () -> cuMemAlloc(in, elements.length),
                () -> cuMemAlloc(out, elements.length),
                () -> cuMemcpyHtoD(in, Pointer.to(elements), elements.length),
                () -> cuLaunchKernel(function, (count + 63) / 64, 1, 1, 64, 1, 1, 0, null, parameters, null),
                () -> cuStreamSynchronize(null),
                () -> cuMemcpyDtoH(Pointer.to(elements), out, elements.length),
                () -> cuMemFree(in),
                () -> cuMemFree(out),
                () -> cuModuleUnload(module));
        Files.write(Path.of(words[4]), elements);
        return failed;
    }

    private interface Step {
        int run() throws IOException;
    }

    private static String firstFailure(Step... steps) throws IOException {
        for (int i = 0; i < steps.length; i++) {
            int result = steps[i].run();
            if (result != 0) {
                return result + " step " + (i + 1);
            }
        }
        return "0 done";
    }
}
