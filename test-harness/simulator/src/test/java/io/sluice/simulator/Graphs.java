package io.sluice.simulator;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** The driver functions of capture, graphs and stream memory operations, and the structures that they take. */
interface Graphs extends Library {
    int ILLEGAL_STATE = 401;
    int CAPTURE_UNSUPPORTED = 900;
    int CAPTURE_INVALIDATED = 901;
    int CAPTURE_MERGE = 902;
    int CAPTURE_UNMATCHED = 903;
    int CAPTURE_UNJOINED = 904;
    int CAPTURE_ISOLATION = 905;
    int CAPTURE_IMPLICIT = 906;
    int CAPTURED_EVENT = 907;
    int CAPTURE_WRONG_THREAD = 908;
    int UPDATE_FAILURE = 910;

    int GLOBAL = 0;
    int THREAD_LOCAL = 1;
    int RELAXED = 2;

    static Graphs load() {
        return com.sun.jna.Native.load(Native.library("libcuda.so.1").toString(), Graphs.class);
    }

    default Pointer newGraph() {
        PointerByReference graph = new PointerByReference();
        Cuda.check(cuGraphCreate(graph, 0));
        return graph.getValue();
    }

    default Pointer instantiate(Pointer graph) {
        PointerByReference exec = new PointerByReference();
        Cuda.check(cuGraphInstantiateWithFlags(exec, graph, 0));
        return exec.getValue();
    }

    /** Ends a capture that must be valid. */
    default Pointer endCapture(Pointer stream) {
        PointerByReference graph = new PointerByReference();
        Cuda.check(cuStreamEndCapture(stream, graph));
        return graph.getValue();
    }

    default long nodeCount(Pointer graph) {
        LongByReference count = new LongByReference();
        Cuda.check(cuGraphGetNodes(graph, null, count));
        return count.getValue();
    }

    default Pointer addFill(Pointer graph, long address, int value, long count, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        Cuda.check(cuGraphAddMemsetNode(node, graph, handles(needs), needs.length, fill(address, value, count), null));
        return node.getValue();
    }

    default Pointer addCopy(Pointer graph, long to, long from, long bytes, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        Cuda.check(cuGraphAddMemcpyNode(node, graph, handles(needs), needs.length, copy(to, from, bytes), null));
        return node.getValue();
    }

    default Pointer addKernel(Pointer graph, Memory params, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        Cuda.check(cuGraphAddKernelNode_v2(node, graph, handles(needs), needs.length, params));
        return node.getValue();
    }

    default Pointer addHost(Pointer graph, Cuda.HostFunction function, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        Cuda.check(cuGraphAddHostNode(node, graph, handles(needs), needs.length, host(function)));
        return node.getValue();
    }

    default Pointer addEmpty(Pointer graph, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        Cuda.check(cuGraphAddEmptyNode(node, graph, handles(needs), needs.length));
        return node.getValue();
    }

    /** An array of handles; NULL for none. */
    static @Nullable Memory handles(Pointer... values) {
        if (values.length == 0) {
            return null;
        }
        Memory memory = new Memory(8L * values.length);
        for (int i = 0; i < values.length; i++) {
            memory.setPointer(8L * i, values[i]);
        }
        return memory;
    }

    /** CUDA_MEMSET_NODE_PARAMS for a row of 32-bit values. */
    static Memory fill(long address, int value, long count) {
        Memory params = new Memory(40);
        params.setLong(0, address);
        params.setLong(8, 0);
        params.setInt(16, value);
        params.setInt(20, 4);
        params.setLong(24, count);
        params.setLong(32, 1);
        return params;
    }

    /** CUDA_MEMCPY3D for bytes in a row, between addresses of any kind. */
    static Memory copy(long to, long from, long bytes) {
        int unified = 4;
        Memory params = new Memory(200);
        params.clear();
        params.setInt(32, unified);
        params.setLong(48, from);
        params.setInt(120, unified);
        params.setLong(136, to);
        params.setLong(176, bytes);
        params.setLong(184, 1);
        params.setLong(192, 1);
        return params;
    }

    /** CUDA_KERNEL_NODE_PARAMS for one block; {@code parameters} as {@link Ptx#parameters} makes them. */
    static Memory kernel(Pointer function, int threads, Memory parameters) {
        Memory params = new Memory(72);
        params.clear();
        params.setPointer(0, function);
        int[] shape = {1, 1, 1, threads, 1, 1};
        for (int i = 0; i < shape.length; i++) {
            params.setInt(8 + 4L * i, shape[i]);
        }
        params.setPointer(40, parameters);
        return params;
    }

    /** CUDA_HOST_NODE_PARAMS. */
    static Memory host(Cuda.HostFunction function) {
        Memory params = new Memory(16);
        params.setPointer(0, com.sun.jna.CallbackReference.getFunctionPointer(function));
        params.setPointer(8, null);
        return params;
    }

    int cuStreamBeginCapture_v2(@Nullable Pointer stream, int mode);

    int cuStreamEndCapture(@Nullable Pointer stream, PointerByReference graph);

    int cuStreamIsCapturing(@Nullable Pointer stream, IntByReference status);

    int cuStreamGetCaptureInfo_v2(
            Pointer stream,
            IntByReference status,
            LongByReference id,
            PointerByReference graph,
            PointerByReference needs,
            LongByReference count);

    int cuStreamUpdateCaptureDependencies(Pointer stream, @Nullable Pointer nodes, long count, int flags);

    int cuThreadExchangeStreamCaptureMode(IntByReference mode);

    int cuEventRecordWithFlags(Pointer event, @Nullable Pointer stream, int flags);

    int cuMemsetD32Async(long device, int value, long count, @Nullable Pointer stream);

    int cuMemcpyAsync(long to, long from, long bytes, @Nullable Pointer stream);

    int cuMemAllocAsync(LongByReference address, long bytes, @Nullable Pointer stream);

    int cuMemFreeAsync(long address, @Nullable Pointer stream);

    int cuStreamWaitValue32_v2(Pointer stream, long address, int value, int flags);

    int cuStreamWriteValue32_v2(Pointer stream, long address, int value, int flags);

    int cuStreamWaitValue32(Pointer stream, long address, int value, int flags);

    int cuStreamGetAttribute(Pointer stream, int attribute, Pointer value);

    int cuStreamSetAttribute(Pointer stream, int attribute, Pointer value);

    int cuStreamCopyAttributes(Pointer to, Pointer from);

    int cuLaunchKernelEx(Pointer config, Pointer function, @Nullable Pointer parameters, @Nullable Pointer extra);

    int cuGraphCreate(PointerByReference graph, int flags);

    int cuGraphDestroy(@Nullable Pointer graph);

    int cuGraphClone(PointerByReference clone, Pointer graph);

    int cuGraphNodeFindInClone(PointerByReference node, Pointer original, Pointer clone);

    int cuGraphDestroyNode(Pointer node);

    int cuGraphAddKernelNode_v2(
            PointerByReference node,
            @Nullable Pointer graph,
            @Nullable Pointer needs,
            long count,
            @Nullable Pointer params);

    int cuGraphAddMemsetNode(
            PointerByReference node,
            Pointer graph,
            @Nullable Pointer needs,
            long count,
            Pointer params,
            @Nullable Pointer context);

    int cuGraphAddMemcpyNode(
            PointerByReference node,
            Pointer graph,
            @Nullable Pointer needs,
            long count,
            Pointer params,
            @Nullable Pointer context);

    int cuGraphAddHostNode(PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer params);

    int cuGraphAddEmptyNode(PointerByReference node, Pointer graph, @Nullable Pointer needs, long count);

    int cuGraphAddChildGraphNode(
            PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer child);

    int cuGraphAddEventRecordNode(
            PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer event);

    int cuGraphAddNode(PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer params);

    int cuGraphAddExternalSemaphoresSignalNode(
            PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer params);

    int cuGraphAddMemAllocNode(
            PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, Pointer params);

    int cuGraphAddMemFreeNode(
            PointerByReference node, Pointer graph, @Nullable Pointer needs, long count, long address);

    int cuDeviceGetGraphMemAttribute(int device, int attribute, LongByReference value);

    int cuDeviceSetGraphMemAttribute(int device, int attribute, LongByReference value);

    int cuDeviceGraphMemTrim(int device);

    int cuGraphKernelNodeGetParams_v2(Pointer node, Pointer params);

    int cuGraphKernelNodeSetParams_v2(Pointer node, Pointer params);

    int cuGraphMemsetNodeGetParams(Pointer node, Pointer params);

    int cuGraphMemcpyNodeGetParams(Pointer node, Pointer params);

    int cuGraphAddDependencies(Pointer graph, @Nullable Pointer from, @Nullable Pointer to, long count);

    int cuGraphRemoveDependencies(Pointer graph, @Nullable Pointer from, @Nullable Pointer to, long count);

    int cuGraphGetNodes(@Nullable Pointer graph, @Nullable Pointer nodes, LongByReference count);

    int cuGraphGetRootNodes(Pointer graph, @Nullable Pointer nodes, LongByReference count);

    int cuGraphGetEdges(Pointer graph, @Nullable Pointer from, @Nullable Pointer to, LongByReference count);

    int cuGraphNodeGetDependencies(Pointer node, @Nullable Pointer needs, LongByReference count);

    int cuGraphNodeGetDependentNodes(Pointer node, @Nullable Pointer nodes, LongByReference count);

    int cuGraphNodeGetType(Pointer node, IntByReference type);

    int cuGraphInstantiateWithFlags(PointerByReference exec, Pointer graph, long flags);

    int cuGraphLaunch(@Nullable Pointer exec, @Nullable Pointer stream);

    int cuGraphExecDestroy(Pointer exec);

    int cuGraphExecMemsetNodeSetParams(Pointer exec, Pointer node, Pointer params, @Nullable Pointer context);

    int cuGraphExecKernelNodeSetParams_v2(Pointer exec, Pointer node, Pointer params);

    int cuGraphExecUpdate_v2(Pointer exec, Pointer graph, Pointer info);

    int cuGraphNodeSetEnabled(Pointer exec, Pointer node, int enabled);

    int cuGraphNodeGetEnabled(Pointer exec, Pointer node, IntByReference enabled);

    int cuGraphDebugDotPrint(Pointer graph, String path, int flags);

    int cuUserObjectCreate(
            PointerByReference object, @Nullable Pointer subject, Cuda.HostFunction destroy, int references, int flags);

    int cuUserObjectRelease(Pointer object, int count);

    int cuGraphRetainUserObject(Pointer graph, Pointer object, int count, int flags);
}
