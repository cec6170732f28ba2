package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A context of JCuda with one kernel, and what programs do around it. */
final class StepKernel {
    static final int THREADS = 128;

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

    StepKernel() {
        JCudaDriver.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        cuCtxCreate(context, 0, device);
        CUmodule module = new CUmodule();
        cuModuleLoadData(module, PTX + "\0");
        cuModuleGetFunction(step, module, "step");
    }

    CUcontext context() {
        return context;
    }

    CUfunction function() {
        return step;
    }

    static int blocks(int n) {
        return (n + THREADS - 1) / THREADS;
    }

    static Pointer parameters(CUdeviceptr memory, int n, int a, int b) {
        return Pointer.to(
                Pointer.to(memory), Pointer.to(new int[] {n}), Pointer.to(new int[] {a}), Pointer.to(new int[] {b}));
    }

    void launch(CUdeviceptr memory, int n, int a, int b, CUstream stream) {
        cuLaunchKernel(step, blocks(n), 1, 1, THREADS, 1, 1, 0, stream, parameters(memory, n, a, b), null);
    }

    static long rightOnes(int[] expected, int[] found) {
        if (!Arrays.equals(expected, found)) {
            throw new IllegalStateException(
                    "expected " + Arrays.toString(expected) + ", not " + Arrays.toString(found));
        }
        return expected.length;
    }

    static int[] fromDevice(CUdeviceptr memory, int n) {
        int[] values = new int[n];
        cuMemcpyDtoH(Pointer.to(values), memory, 4L * n);
        return values;
    }

    static CUdeviceptr allocate(int n) {
        CUdeviceptr memory = new CUdeviceptr();
        cuMemAlloc(memory, 4L * n);
        return memory;
    }

    static void order(CUstream before, CUstream after) {
        CUevent event = new CUevent();
        cuEventCreate(event, 2);
        cuEventRecord(event, before);
        cuStreamWaitEvent(after, event, 0);
        cuEventDestroy(event);
    }
}
