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
        CURRENT("current", "ungoverned call (cuCtxGetCurrent)"),
        LAUNCH("launch", "launch, no SM quota (cuLaunchKernel)"),
        ADMITTED("launch", "launch, sm: 100% (cuLaunchKernel)"),
        ALLOC("alloc", "cuMemAlloc + cuMemFree"),
        NAMES("names", "cuGetProcAddress, 440 names in turn");

        final String argument;
        final String title;

        Call(String argument, String title) {
            this.argument = argument;
            this.title = title;
        }
    }

    /** What the project promises of this row; none where it promises nothing. */
    Promise promise() {
        boolean alone = threads == 1 && processes == 1;
        return switch (call) {
            case CURRENT -> alone ? Promise.added(2) : Promise.NONE;
            case LAUNCH -> alone ? Promise.added(5) : Promise.NONE;
            case ADMITTED ->
                alone ? Promise.added(15) : processes == 1 && threads == 2 ? Promise.added(30) : Promise.NONE;
            case NAMES -> alone ? Promise.ratio(1.2) : Promise.NONE;
            case ALLOC ->
                alone
                        ? Promise.added(60)
                        : processes == 1 && threads == 2
                                ? Promise.added(150)
                                : processes == 4 && threads == 1 ? Promise.added(200) : Promise.NONE;
        };
    }

    static List<Workload> all() {
        List<Workload> workloads = new ArrayList<>();
        for (int processes : List.of(1, 2, 4)) {
            for (int threads : List.of(1, 2)) {
                workloads.add(new Workload(Call.CURRENT, threads, processes, 0));
                workloads.add(new Workload(Call.LAUNCH, threads, processes, 0));
                workloads.add(new Workload(Call.ADMITTED, threads, processes, 0));
                workloads.add(new Workload(Call.NAMES, threads, processes, 0));
                for (int live : List.of(0, 100, 10_000, 100_000)) {
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
