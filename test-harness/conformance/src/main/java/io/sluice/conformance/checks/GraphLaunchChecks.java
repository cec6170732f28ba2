package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.Result.SUCCESS;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.CallbackReference;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Trial;
import java.util.concurrent.atomic.AtomicInteger;

/** Graphs instantiated, launched and changed. */
final class GraphLaunchChecks {
    private static final int ALLOC_PARAMS_BYTES = 120;
    private static final int ALLOC_PARAMS_SIZE_AT = 104;
    private static final int ALLOC_PARAMS_ADDRESS_AT = 112;
    private static final int TYPE_PINNED = 1;
    private static final int LOCATION_DEVICE = 1;
    private static final int GRAPH_MEM_USED_CURRENT = 0;
    private static final int GRAPH_MEM_RESERVED_CURRENT = 2;

    private GraphLaunchChecks() {}

    static void declare(Group group) {
        launching(group);
        order(group);
        GraphChangeChecks.declare(group);
        memory(group);
        refusals(group);
    }

    private static void launching(Group group) {
        group.check(
                        "cuGraphLaunch/empty",
                        "a graph without nodes can be launched",
                        trial -> Graphs.run(trial, Graphs.graph(trial)))
                .check("cuGraphLaunch/kernel", "runs a kernel with the values that the node was made with", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(4);
                    Memory parameters = Graphs.kernelParameters(trial, trial.function("store"), memory, 31);
                    Graphs.kernel(trial, graph, parameters);
                    parameters.getPointer(40).getPointer(8).setInt(0, 99);
                    Graphs.run(trial, graph);
                    trial.equal(31, trial.readInt(memory), "what the kernel stored");
                })
                .check("cuGraphLaunch/set", "fills memory", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(64);
                    Graphs.set(trial, graph, memory, 0x01020304, 16);
                    Graphs.run(trial, graph);
                    trial.equal(0x01020304, trial.readInt(memory + 60), "the last element");
                })
                .check("cuGraphLaunch/host", "calls a host function", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    AtomicInteger calls = new AtomicInteger();
                    Gate.HostFunction function = trial.keep(data -> calls.incrementAndGet());
                    Memory parameters = Struct.of(16)
                            .pointer(CallbackReference.getFunctionPointer(function))
                            .done();
                    trial.put("cuGraphAddHostNode", graph, NULL, 0L, parameters);
                    Graphs.run(trial, graph);
                    Graphs.run(trial, graph);
                    trial.equal(2, calls.get(), "calls in two launches");
                })
                .check("cuGraphLaunch/again", "an instance can be launched many times, one after the other", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(4);
                    trial.write(memory, new byte[4]);
                    Graphs.kernel(trial, graph, Graphs.kernelParameters(trial, trial.function("next"), memory, memory));
                    Pointer executable = Graphs.executable(trial, graph);
                    Pointer stream = trial.stream(0);
                    for (int i = 0; i < 20; i++) {
                        trial.ok("cuGraphLaunch", executable, stream);
                    }
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(20, trial.readInt(memory), "after 20 launches that add 1");
                })
                .check("cuGraphLaunch/child", "runs the nodes of a graph within the graph", trial -> {
                    Pointer child = Graphs.graph(trial);
                    long memory = trial.memory(4);
                    GraphChecks.storeNode(trial, child, memory, 41);
                    Pointer graph = Graphs.graph(trial);
                    trial.put("cuGraphAddChildGraphNode", graph, NULL, 0L, child);
                    Graphs.run(trial, graph);
                    trial.equal(41, trial.readInt(memory), "what the kernel stored");
                })
                .check("cuGraphUpload/then-launch", "an instance can be brought to the device beforehand", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer executable = Graphs.executable(trial, Graphs.graph(trial));
                    trial.ok("cuGraphUpload", executable, stream);
                    trial.ok("cuGraphLaunch", executable, stream);
                    trial.ok("cuStreamSynchronize", stream);
                });
    }

    private static void order(Group group) {
        group.check("cuGraphLaunch/dependencies", "a node runs after those that it waits for", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer next = trial.function("next");
                    long memory = trial.memory(4 * 32);
                    Pointer before = Graphs.set(trial, graph, memory, 5, 1);
                    for (int i = 1; i < 32; i++) {
                        before = Graphs.kernel(
                                trial,
                                graph,
                                Graphs.kernelParameters(trial, next, memory + 4L * i, memory + 4L * (i - 1)),
                                before);
                    }
                    Graphs.run(trial, graph);
                    trial.equal(36, trial.readInt(memory + 4 * 31), "what came through a chain of 32");
                })
                .check("cuGraphLaunch/stream-order", "a launch keeps the order of its stream", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(8);
                    Graphs.kernel(
                            trial, graph, Graphs.kernelParameters(trial, trial.function("next"), memory + 4, memory));
                    Pointer executable = Graphs.executable(trial, graph);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuMemsetD32Async", memory, 8, 1L, stream);
                    trial.ok("cuGraphLaunch", executable, stream);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    Pointer host = trial.pinned(4);
                    trial.ok("cuMemcpyDtoHAsync", host, memory + 4, 4L, stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(9, host.getInt(0), "what the work behind the graph saw");
                })
                .check("cuGraphAddEventRecordNode/waited", "an event of a graph can be waited for outside", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(2);
                    Pointer graph = Graphs.graph(trial);
                    trial.put("cuGraphAddEventRecordNode", graph, NULL, 0L, event);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuGraphLaunch", Graphs.executable(trial, graph), stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                    trial.expect(SUCCESS, "cuEventQuery", event);
                });
    }

    private static void memory(Group group) {
        group.check("cuGraphAddMemAllocNode/use", "memory that a graph allocates is its nodes' to use", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long out = trial.memory(4);
                    Memory parameters = allocation(1 << 20);
                    Pointer allocated = trial.handleFrom("cuGraphAddMemAllocNode", graph, NULL, 0L, parameters);
                    long address = parameters.getLong(ALLOC_PARAMS_ADDRESS_AT);
                    trial.that(address != 0, "no address");
                    trial.equal(Graphs.MEM_ALLOC, Graphs.type(trial, allocated), "the type of the node");
                    Pointer stored = GraphChecks.storeNode(trial, graph, address, 10, allocated);
                    Pointer read = Graphs.kernel(
                            trial, graph, Graphs.kernelParameters(trial, trial.function("next"), out, address), stored);
                    Pointer freed = trial.handleFrom("cuGraphAddMemFreeNode", graph, Graphs.list(read), 1L, address);
                    trial.equal(Graphs.MEM_FREE, Graphs.type(trial, freed), "the type of the node");
                    Pointer executable = Graphs.executable(trial, graph); // there may be one at a time
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.ok("cuCtxSynchronize");
                    trial.equal(11, trial.readInt(out), "what the graph computed by way of its memory");
                })
                .check("cuDeviceGraphMemTrim/unused", "after a trim nothing unused is reserved for graphs", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Memory parameters = allocation(8 << 20);
                    Pointer allocated = trial.handleFrom("cuGraphAddMemAllocNode", graph, NULL, 0L, parameters);
                    trial.put(
                            "cuGraphAddMemFreeNode",
                            graph,
                            Graphs.list(allocated),
                            1L,
                            parameters.getLong(ALLOC_PARAMS_ADDRESS_AT));
                    Pointer executable = trial.handleFrom("cuGraphInstantiateWithFlags", graph, 0L);
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.ok("cuCtxSynchronize");
                    trial.ok("cuGraphExecDestroy", executable);
                    trial.ok("cuDeviceGraphMemTrim", 0);
                    trial.equal(0, graphMemory(trial, GRAPH_MEM_USED_CURRENT), "used");
                    trial.equal(0, graphMemory(trial, GRAPH_MEM_RESERVED_CURRENT), "reserved");
                })
                .answers(INVALID_VALUE, "cuDeviceGetGraphMemAttribute/unknown", "no attribute", 0, 99, OUT);
    }

    private static void refusals(Group group) {
        group.answers(REFUSED_HANDLE, "cuGraphLaunch/null", "NULL is no instance", NULL, STREAM)
                .answers(REFUSED_HANDLE, "cuGraphInstantiateWithFlags/null", "NULL is no graph", OUT, NULL, 0L)
                .answers(REFUSED_HANDLE, "cuGraphExecDestroy/null", "NULL is no instance", NULL)
                .check(
                        "cuGraphInstantiateWithFlags/flags",
                        "a flag that there is not",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuGraphInstantiateWithFlags", OUT, Graphs.graph(trial), 0x1000L))
                .check(
                        "cuGraphInstantiateWithFlags/cycle",
                        "nodes that wait for each other cannot be instantiated",
                        trial -> {
                            Pointer graph = Graphs.graph(trial);
                            Pointer first = Graphs.empty(trial, graph);
                            Pointer second = Graphs.empty(trial, graph, first);
                            int added = trial.call(
                                    "cuGraphAddDependencies", graph, Graphs.list(second), Graphs.list(first), 1L);
                            trial.that(
                                    added != 0 || trial.call("cuGraphInstantiateWithFlags", OUT, graph, 0L) != 0,
                                    "the cycle was instantiated");
                        })
                .check("cuGraphDestroy/instance-stays", "an instance outlives its graph", trial -> {
                    Pointer graph = trial.handleFrom("cuGraphCreate", 0);
                    long memory = trial.memory(4);
                    GraphChecks.storeNode(trial, graph, memory, 51);
                    Pointer executable = Graphs.executable(trial, graph);
                    trial.ok("cuGraphDestroy", graph);
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(51, trial.readInt(memory), "what the instance stored");
                });
    }

    /** A CUDA_MEM_ALLOC_NODE_PARAMS: pool properties of 88 bytes, access, count, size, address. */
    private static Memory allocation(long bytes) {
        Memory parameters = Struct.of(ALLOC_PARAMS_BYTES)
                .i32(TYPE_PINNED, 0, LOCATION_DEVICE, 0)
                .done();
        parameters.setLong(ALLOC_PARAMS_SIZE_AT, bytes);
        return parameters;
    }

    private static long graphMemory(Trial trial, int attribute) {
        Memory value = trial.room(8);
        trial.ok("cuDeviceGetGraphMemAttribute", 0, attribute, value);
        return value.getLong(0);
    }
}
