package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Result.GRAPH_EXEC_UPDATE_FAILURE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Struct;

/** Instances of graphs that are changed after they were made. */
final class GraphChangeChecks {
    private static final int TOPOLOGY_CHANGED = 2;

    private GraphChangeChecks() {}

    static void declare(Group group) {
        changing(group);
        updating(group);
    }

    private static void changing(Group group) {
        group.check("cuGraphExecKernelNodeSetParams/value", "the instance runs with the new values", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(4);
                    Pointer function = trial.function("store");
                    Pointer node = Graphs.kernel(trial, graph, Graphs.kernelParameters(trial, function, memory, 1));
                    Pointer executable = Graphs.executable(trial, graph);
                    trial.ok(
                            "cuGraphExecKernelNodeSetParams",
                            executable,
                            node,
                            Graphs.kernelParameters(trial, function, memory, 2));
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(2, trial.readInt(memory), "what the instance stored");
                    Graphs.run(trial, graph);
                    trial.equal(1, trial.readInt(memory), "what a new instance of the graph stored");
                })
                .check(
                        "cuGraphKernelNodeSetParams/later-instances",
                        "a changed node leaves instances as they were",
                        trial -> {
                            Pointer graph = Graphs.graph(trial);
                            long memory = trial.memory(4);
                            Pointer function = trial.function("store");
                            Pointer node =
                                    Graphs.kernel(trial, graph, Graphs.kernelParameters(trial, function, memory, 1));
                            Pointer executable = Graphs.executable(trial, graph);
                            trial.ok(
                                    "cuGraphKernelNodeSetParams",
                                    node,
                                    Graphs.kernelParameters(trial, function, memory, 2));
                            trial.ok("cuGraphLaunch", executable, NULL);
                            trial.equal(1, trial.readInt(memory), "what the old instance stored");
                            Graphs.run(trial, graph);
                            trial.equal(2, trial.readInt(memory), "what a new instance stored");
                        })
                .check("cuGraphExecMemsetNodeSetParams/value", "the instance fills with the new value", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(64);
                    Pointer node = Graphs.set(trial, graph, memory, 1, 16);
                    Pointer executable = Graphs.executable(trial, graph);
                    Memory changed =
                            Struct.of(40).i64(memory, 0).i32(6, 4).i64(16, 1).done();
                    trial.ok("cuGraphExecMemsetNodeSetParams", executable, node, changed, trial.current());
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(6, trial.readInt(memory), "the first element");
                })
                .check("cuGraphNodeSetEnabled/off", "a node that is off does nothing, until it is on again", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    long memory = trial.memory(4);
                    trial.write(memory, new byte[4]);
                    Pointer node = GraphChecks.storeNode(trial, graph, memory, 3);
                    Pointer executable = Graphs.executable(trial, graph);
                    trial.ok("cuGraphNodeSetEnabled", executable, node, 0);
                    Memory enabled = trial.room(4);
                    trial.ok("cuGraphNodeGetEnabled", executable, node, enabled);
                    trial.equal(0, enabled.getInt(0), "enabled");
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(0, trial.readInt(memory), "what was stored while it was off");
                    trial.ok("cuGraphNodeSetEnabled", executable, node, 1);
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(3, trial.readInt(memory), "what was stored after it was on");
                });
    }

    private static void updating(Group group) {
        group.check("cuGraphExecUpdate/same-topology", "an instance takes over the values of a like graph", trial -> {
                    long memory = trial.memory(4);
                    Pointer function = trial.function("store");
                    Pointer graph = Graphs.graph(trial);
                    Graphs.kernel(trial, graph, Graphs.kernelParameters(trial, function, memory, 1));
                    Pointer executable = Graphs.executable(trial, graph);
                    Pointer other = Graphs.graph(trial);
                    Graphs.kernel(trial, other, Graphs.kernelParameters(trial, function, memory, 2));
                    Memory info = trial.room(64);
                    trial.ok("cuGraphExecUpdate", executable, other, info);
                    trial.equal(0, info.getInt(0), "the result of the update");
                    trial.ok("cuGraphLaunch", executable, NULL);
                    trial.equal(2, trial.readInt(memory), "what the instance stored");
                })
                .check(
                        "cuGraphExecUpdate/topology",
                        "a graph of other nodes is refused, and the instance stays",
                        trial -> {
                            long memory = trial.memory(4);
                            Pointer graph = Graphs.graph(trial);
                            GraphChecks.storeNode(trial, graph, memory, 1);
                            Pointer executable = Graphs.executable(trial, graph);
                            Pointer other = Graphs.graph(trial);
                            Graphs.empty(trial, other);
                            Graphs.empty(trial, other);
                            Memory info = trial.room(64);
                            trial.expect(GRAPH_EXEC_UPDATE_FAILURE, "cuGraphExecUpdate", executable, other, info);
                            trial.equal(TOPOLOGY_CHANGED, info.getInt(0), "the result of the update");
                            trial.ok("cuGraphLaunch", executable, NULL);
                            trial.equal(1, trial.readInt(memory), "what the instance stored");
                        });
    }
}
