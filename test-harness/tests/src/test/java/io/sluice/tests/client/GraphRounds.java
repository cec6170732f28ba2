package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuGraphAddEmptyNode;
import static jcuda.driver.JCudaDriver.cuGraphAddKernelNode;
import static jcuda.driver.JCudaDriver.cuGraphAddMemcpyNode;
import static jcuda.driver.JCudaDriver.cuGraphAddMemsetNode;
import static jcuda.driver.JCudaDriver.cuGraphCreate;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.util.Arrays;
import java.util.Random;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUDA_MEMCPY3D;
import jcuda.driver.CUDA_MEMSET_NODE_PARAMS;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUmemorytype;
import jcuda.driver.CUstream;

/** Work in graphs, built node by node and captured, checked in Java. */
final class GraphRounds {
    private final StepKernel kernel;

    GraphRounds(StepKernel kernel) {
        this.kernel = kernel;
    }

    /** A fill, two kernels beside each other, and a copy after both; launched some times. */
    long builtGraph(Random random) {
        int n = 1 + random.nextInt(2000);
        int fill = random.nextInt();
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr one = StepKernel.allocate(n);
        CUdeviceptr two = StepKernel.allocate(n);
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
        long right = StepKernel.rightOnes(expectedOne, StepKernel.fromDevice(one, n))
                + StepKernel.rightOnes(expectedTwo, StepKernel.fromDevice(two, n));
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
        cuGraphAddMemsetNode(node, graph, null, 0, fill, kernel.context());
        return node;
    }

    private CUgraphNode addKernel(CUgraph graph, CUdeviceptr memory, int n, int a, int b, CUgraphNode after) {
        CUDA_KERNEL_NODE_PARAMS params = new CUDA_KERNEL_NODE_PARAMS();
        params.func = kernel.function();
        params.gridDimX = StepKernel.blocks(n);
        params.gridDimY = 1;
        params.gridDimZ = 1;
        params.blockDimX = StepKernel.THREADS;
        params.blockDimY = 1;
        params.blockDimZ = 1;
        params.kernelParams = StepKernel.parameters(memory, n, a, b);
        CUgraphNode node = new CUgraphNode();
        cuGraphAddKernelNode(node, graph, new CUgraphNode[] {after}, 1, params);
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
        cuGraphAddMemcpyNode(new CUgraphNode(), graph, new CUgraphNode[] {after}, 1, copy, kernel.context());
    }

    /** Two streams, forked and joined by events, captured once and launched some times. */
    long capturedGraph(Random random) {
        int n = 1 + random.nextInt(2000);
        int a = random.nextInt();
        int b = random.nextInt();
        CUdeviceptr one = StepKernel.allocate(n);
        CUdeviceptr two = StepKernel.allocate(n);
        CUstream main = new CUstream();
        CUstream side = new CUstream();
        cuStreamCreate(main, 1);
        cuStreamCreate(side, 1);
        cuMemsetD32Async(one, a, n, main);
        cuMemsetD32Async(two, b, n, main);
        cuStreamBeginCapture(main, random.nextInt(3));
        StepKernel.order(main, side);
        kernel.launch(one, n, a, b, main);
        kernel.launch(two, n, b, a, side);
        StepKernel.order(side, main);
        kernel.launch(two, n, a, 1, main);
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
        long right = StepKernel.rightOnes(ones, StepKernel.fromDevice(one, n))
                + StepKernel.rightOnes(twos, StepKernel.fromDevice(two, n));
        cuGraphExecDestroy(exec);
        cuGraphDestroy(graph);
        cuStreamDestroy(main);
        cuStreamDestroy(side);
        cuMemFree(one);
        cuMemFree(two);
        return right;
    }
}
