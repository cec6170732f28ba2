package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Graphs as they are built and looked at. */
final class GraphChecks {
    private static final Given GRAPH = Graphs::graph;

    private GraphChecks() {}

    static void declare(Suite suite) {
        Group graphs = suite.section(Section.GRAPHS).leftOpen();
        building(graphs);
        types(graphs);
        edges(graphs);
        clones(graphs);
        parameters(graphs);
        refusals(graphs);
        GraphLaunchChecks.declare(graphs);
    }

    private static void building(Group group) {
        group.check(
                        "cuGraphCreate/empty",
                        "a new graph has no nodes",
                        trial -> trial.equal(
                                0,
                                Graphs.nodes(trial, "cuGraphGetNodes", Graphs.graph(trial))
                                        .size(),
                                "nodes"))
                .check("cuGraphGetNodes/all", "tells all nodes", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph, first);
                    Set<Pointer> nodes = new HashSet<>(Graphs.nodes(trial, "cuGraphGetNodes", graph));
                    trial.that(nodes.equals(Set.of(first, second)), "other nodes");
                })
                .check("cuGraphGetNodes/room", "fills the room that there is, the rest with NULL", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Graphs.empty(trial, graph);
                    Memory room = trial.room(24);
                    room.setMemory(0, 24, (byte) 1);
                    Memory count = Struct.of(8).i64(3).done();
                    trial.ok("cuGraphGetNodes", graph, room, count);
                    trial.equal(1, count.getLong(0), "the count");
                    trial.equal(0, room.getLong(8), "the second place");
                })
                .check("cuGraphGetRootNodes/roots", "tells the nodes that wait for none", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer root = Graphs.empty(trial, graph);
                    Graphs.empty(trial, graph, root);
                    trial.that(Graphs.nodes(trial, "cuGraphGetRootNodes", graph).equals(List.of(root)), "other nodes");
                })
                .check("cuGraphDestroyNode/removes", "takes the node and its edges out of the graph", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph, first);
                    trial.ok("cuGraphDestroyNode", first);
                    trial.that(Graphs.nodes(trial, "cuGraphGetNodes", graph).equals(List.of(second)), "other nodes");
                    trial.that(
                            Graphs.nodes(trial, "cuGraphGetRootNodes", graph).equals(List.of(second)), "other roots");
                });
    }

    private static void types(Group group) {
        group.check(
                        "cuGraphNodeGetType/empty",
                        "tells an empty node",
                        trial -> trial.equal(
                                Graphs.EMPTY, Graphs.type(trial, Graphs.empty(trial, Graphs.graph(trial))), "the type"))
                .check(
                        "cuGraphNodeGetType/kernel",
                        "tells a kernel",
                        trial -> trial.equal(
                                Graphs.KERNEL,
                                Graphs.type(trial, storeNode(trial, Graphs.graph(trial), trial.memory(4), 1)),
                                "the type"))
                .check(
                        "cuGraphNodeGetType/set",
                        "tells a fill",
                        trial -> trial.equal(
                                Graphs.MEMSET,
                                Graphs.type(trial, Graphs.set(trial, Graphs.graph(trial), trial.memory(64), 1, 16)),
                                "the type"))
                .check("cuGraphNodeGetType/copy", "tells a copy", trial -> {
                    Memory copy = Graphs.copy(trial.memory(64), trial.memory(64), 64);
                    Pointer node = trial.handleFrom(
                            "cuGraphAddMemcpyNode", Graphs.graph(trial), NULL, 0L, copy, trial.current());
                    trial.equal(Graphs.MEMCPY, Graphs.type(trial, node), "the type");
                })
                .check("cuGraphNodeGetType/child", "tells a graph within the graph", trial -> {
                    Pointer child = Graphs.graph(trial);
                    Graphs.empty(trial, child);
                    Pointer node = trial.handleFrom("cuGraphAddChildGraphNode", Graphs.graph(trial), NULL, 0L, child);
                    trial.equal(Graphs.GRAPH, Graphs.type(trial, node), "the type");
                    Memory inside = trial.room(8);
                    trial.ok("cuGraphChildGraphNodeGetGraph", node, inside);
                    trial.equal(
                            1,
                            Graphs.nodes(trial, "cuGraphGetNodes", inside.getPointer(0))
                                    .size(),
                            "nodes inside");
                });
    }

    private static void edges(Group group) {
        group.check("cuGraphAddDependencies/edge", "an edge is seen from both of its ends", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph);
                    trial.ok("cuGraphAddDependencies", graph, Graphs.list(first), Graphs.list(second), 1L);
                    trial.that(
                            Graphs.nodes(trial, "cuGraphNodeGetDependencies", second)
                                    .equals(List.of(first)),
                            "the second does not wait for the first");
                    trial.that(
                            Graphs.nodes(trial, "cuGraphNodeGetDependentNodes", first)
                                    .equals(List.of(second)),
                            "nobody waits for the first");
                })
                .check("cuGraphGetEdges/edge", "tells from where and to where", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph, first);
                    Memory from = trial.room(8);
                    Memory to = trial.room(8);
                    Memory count = Struct.of(8).i64(1).done();
                    trial.ok("cuGraphGetEdges", graph, from, to, count);
                    trial.equal(1, count.getLong(0), "edges");
                    trial.that(first.equals(from.getPointer(0)) && second.equals(to.getPointer(0)), "another edge");
                })
                .check("cuGraphRemoveDependencies/edge", "an edge that was removed is gone", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph, first);
                    trial.ok("cuGraphRemoveDependencies", graph, Graphs.list(first), Graphs.list(second), 1L);
                    trial.equal(
                            0,
                            Graphs.nodes(trial, "cuGraphNodeGetDependencies", second)
                                    .size(),
                            "dependencies");
                })
                .check("cuGraphAddDependencies/again", "an edge that is there cannot be added", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph, first);
                    trial.expect(
                            INVALID_VALUE,
                            "cuGraphAddDependencies",
                            graph,
                            Graphs.list(first),
                            Graphs.list(second),
                            1L);
                })
                .check("cuGraphRemoveDependencies/absent", "an edge that is not there cannot be removed", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Pointer first = Graphs.empty(trial, graph);
                    Pointer second = Graphs.empty(trial, graph);
                    trial.expect(
                            INVALID_VALUE,
                            "cuGraphRemoveDependencies",
                            graph,
                            Graphs.list(first),
                            Graphs.list(second),
                            1L);
                });
    }

    private static void clones(Group group) {
        group.check(
                        "cuGraphClone/nodes",
                        "a clone has nodes of its own, which can be found by the original's",
                        trial -> {
                            Pointer graph = Graphs.graph(trial);
                            Pointer node = Graphs.empty(trial, graph);
                            Pointer clone = trial.handleFrom("cuGraphClone", graph);
                            trial.laterCall("cuGraphDestroy", clone);
                            Pointer found = trial.handleFrom("cuGraphNodeFindInClone", node, clone);
                            trial.that(
                                    Graphs.nodes(trial, "cuGraphGetNodes", clone)
                                            .equals(List.of(found)),
                                    "another node");
                            trial.that(!found.equals(node), "the original's node");
                        })
                .check("cuGraphClone/independent", "what is added to the original is not in the clone", trial -> {
                    Pointer graph = Graphs.graph(trial);
                    Graphs.empty(trial, graph);
                    Pointer clone = trial.handleFrom("cuGraphClone", graph);
                    trial.laterCall("cuGraphDestroy", clone);
                    Graphs.empty(trial, graph);
                    trial.equal(1, Graphs.nodes(trial, "cuGraphGetNodes", clone).size(), "nodes of the clone");
                });
    }

    private static void parameters(Group group) {
        group.check("cuGraphKernelNodeGetParams/function", "are those that the node was made with", trial -> {
                    Pointer function = trial.function("store");
                    Memory made = Graphs.kernelParameters(trial, function, trial.memory(4), 5);
                    Pointer node = Graphs.kernel(trial, Graphs.graph(trial), made);
                    Memory got = trial.room(128);
                    trial.ok("cuGraphKernelNodeGetParams", node, got);
                    trial.that(function.equals(got.getPointer(0)), "another function");
                    trial.equal(1, got.getInt(8), "the grid's width");
                })
                .check("cuGraphMemsetNodeGetParams/values", "are those that the node was made with", trial -> {
                    long memory = trial.memory(64);
                    Memory got = trial.room(64);
                    trial.ok("cuGraphMemsetNodeGetParams", Graphs.set(trial, Graphs.graph(trial), memory, 77, 16), got);
                    trial.that(memory == got.getLong(0), "another address");
                    trial.equal(77, got.getInt(16), "the value");
                    trial.equal(16, got.getLong(24), "the width");
                })
                .check("cuGraphMemcpyNodeSetParams/read-back", "what was set is read back", trial -> {
                    long first = trial.memory(64);
                    long second = trial.memory(64);
                    Pointer node = trial.handleFrom(
                            "cuGraphAddMemcpyNode",
                            Graphs.graph(trial),
                            NULL,
                            0L,
                            Graphs.copy(first, second, 64),
                            trial.current());
                    trial.ok("cuGraphMemcpyNodeSetParams", node, Graphs.copy(second, first, 32));
                    Memory got = trial.room(256);
                    trial.ok("cuGraphMemcpyNodeGetParams", node, got);
                    trial.equal(32, got.getLong(176), "the width");
                });
    }

    private static void refusals(Group group) {
        group.answers(INVALID_VALUE, "cuGraphCreate/flags", "flags have to be 0", OUT, 1)
                .answers(INVALID_VALUE, "cuGraphCreate/null", "the place must not be NULL", NULL, 0)
                .answers(REFUSED_HANDLE, "cuGraphDestroy/null", "NULL is no graph", NULL)
                .answers(REFUSED_HANDLE, "cuGraphAddEmptyNode/null-graph", "NULL is no graph", OUT, NULL, NULL, 0L)
                .answers(INVALID_VALUE, "cuGraphAddEmptyNode/null", "the place must not be NULL", NULL, GRAPH, NULL, 0L)
                .answers(
                        INVALID_VALUE,
                        "cuGraphAddKernelNode/no-parameters",
                        "must not be NULL",
                        OUT,
                        GRAPH,
                        NULL,
                        0L,
                        NULL)
                .answers(REFUSED_HANDLE, "cuGraphNodeGetType/null", "NULL is no node", NULL, OUT)
                .answers(REFUSED_HANDLE, "cuGraphDestroyNode/null", "NULL is no node", NULL)
                .check("cuGraphAddEmptyNode/other-graph", "a node waits for nodes of its own graph alone", trial -> {
                    Pointer other = Graphs.empty(trial, Graphs.graph(trial));
                    trial.expect(
                            INVALID_VALUE, "cuGraphAddEmptyNode", OUT, Graphs.graph(trial), Graphs.list(other), 1L);
                });
    }

    static Pointer storeNode(Trial trial, Pointer graph, long memory, int value, Pointer... after) {
        return Graphs.kernel(
                trial, graph, Graphs.kernelParameters(trial, trial.function("store"), memory, value), after);
    }
}
