package io.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What the clients of one row do: all the same call, over and over.
 *
 * @param call the call that is made, or allocate-and-free as a pair
 * @param threads threads of each process
 * @param processes processes at once, of one tenant where governed
 * @param live allocations that each process holds meanwhile
 */
record Workload(Call call, int threads, int processes, int live) {

    enum Call {
        CURRENT("current", "ungoverned call (cuCtxGetCurrent)", 2),
        LAUNCH("launch", "launch, no SM quota (cuLaunchKernel)", 5),
        ALLOC("alloc", "cuMemAlloc + cuMemFree", 100);

        final String argument;
        final String title;
        /** What the project promises to add at most with one thread and one process. */
        final double promisedNs;

        Call(String argument, String title, double promisedNs) {
            this.argument = argument;
            this.title = title;
            this.promisedNs = promisedNs;
        }
    }

    static List<Workload> all() {
        List<Workload> workloads = new ArrayList<>();
        for (int processes : List.of(1, 2, 4)) {
            for (int threads : List.of(1, 2)) {
                workloads.add(new Workload(Call.CURRENT, threads, processes, 0));
                workloads.add(new Workload(Call.LAUNCH, threads, processes, 0));
                for (int live : List.of(0, 100, 10_000)) {
                    workloads.add(new Workload(Call.ALLOC, threads, processes, live));
                }
            }
        }
        return workloads;
    }

    String title() {
        return call == Call.ALLOC ? call.title + ", " + live + " live" : call.title;
    }
}
