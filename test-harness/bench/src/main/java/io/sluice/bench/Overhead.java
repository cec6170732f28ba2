package io.sluice.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Answers: what does a CUDA call cost more when it goes through the libwrapper? The driver behind it does nothing, so
 * that the way to it is all there is to measure. Bare and governed clients stand side by side and measure in turn.
 */
final class Overhead {
    private static final long LEAD_NS = 1_500_000;
    private static final int CLIENT_SETS = 3;
    private static final int OTHERS = 256;

    private final NullDriverTenant tenant;
    private final int rounds;
    private final long durationNs;

    Overhead(NullDriverTenant tenant, int rounds, long durationNs) {
        this.tenant = tenant;
        this.rounds = rounds;
        this.durationNs = durationNs;
    }

    public static void main(String[] arguments) throws IOException {
        OverheadOptions options = OverheadOptions.parse(arguments);
        try (NullDriverTenant tenant = new NullDriverTenant(options.home())) {
            Overhead overhead = new Overhead(tenant, options.rounds(), options.durationNs());
            OverheadReport report = new OverheadReport(System.out, options.json());
            overhead.requireGoverned();
            report.begin(options);
            for (Workload workload : Workload.all()) {
                if (options.selects(workload)) {
                    report.row(workload, overhead.compare(workload));
                }
            }
            report.startUp(overhead.compareStartUp(tenant.bareEnvironment(), tenant.governedEnvironment()));
            report.crowdedStartUp(OTHERS, overhead.compareCrowdedStartUp(options.home()));
            report.end(tenant.launches());
        }
    }

    /** A preload that the loader cannot use is ignored: nothing would be measured against nothing. */
    private void requireGoverned() throws IOException {
        Workload launches = new Workload(Workload.Call.LAUNCH, 1, 1, 0);
        try (BenchClient client = new BenchClient(tenant.client(), launches, tenant.governedEnvironment())) {
            client.measure(System.nanoTime(), 1_000_000);
            client.work();
        }
        if (tenant.launches() == 0) {
            throw new IOException("the libwrapper did not count the launches of a governed client: it is not in the"
                    + " way of the calls; build it with 'mvn package' and see what the client printed above");
        }
    }

    /** Sets of client processes follow one another, since where a process' code and stack happen to lie is luck. */
    Comparison compare(Workload workload) throws IOException {
        double[] bareNs = new double[rounds];
        double[] governedNs = new double[rounds];
        int round = 0;
        tenant.hasShare(workload.call() == Workload.Call.ADMITTED);
        for (int set = 1; set <= CLIENT_SETS; set++) {
            List<BenchClient> bare = start(workload, tenant.bareEnvironment());
            List<BenchClient> governed = start(workload, tenant.governedEnvironment());
            for (; round < rounds * set / CLIENT_SETS; round++) {
                if (round % 2 == 0) {
                    bareNs[round] = nsPerCall(bare);
                    governedNs[round] = nsPerCall(governed);
                } else {
                    governedNs[round] = nsPerCall(governed);
                    bareNs[round] = nsPerCall(bare);
                }
            }
            close(bare);
            close(governed);
        }
        tenant.hasShare(false);
        return Comparison.of(bareNs, governedNs);
    }

    /** The start of a tenant's first process against that of one beside many. */
    private Comparison compareCrowdedStartUp(Path home) throws IOException {
        Workload idle = new Workload(Workload.Call.CURRENT, 1, OTHERS, 0);
        try (NullDriverTenant empty = new NullDriverTenant(home)) {
            List<BenchClient> others = start(idle, tenant.governedEnvironment());
            try {
                return compareStartUp(empty.governedEnvironment(), tenant.governedEnvironment());
            } finally {
                close(others);
            }
        }
    }

    /** Time from the spawn of a C program to the return of its cuInit, in one environment and in another. */
    private Comparison compareStartUp(Map<String, String> without, Map<String, String> with) throws IOException {
        int starts = rounds * 5;
        List<String> command = new ArrayList<>(List.of(tenant.client().toString(), "startup", String.valueOf(starts)));
        with.forEach((name, value) -> command.add(name + "=" + value));
        Process process = ClientProcess.start(command, without);
        double[] bareNs = new double[starts];
        double[] governedNs = new double[starts];
        try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < starts; i++) {
                String answer = answers.readLine();
                if (answer == null) {
                    throw new IOException("the benchmark client could not start itself; its message stands above");
                }
                String[] ns = answer.split(" ", 2);
                bareNs[i] = Double.parseDouble(ns[0]);
                governedNs[i] = Double.parseDouble(ns[1]);
            }
        }
        return Comparison.of(bareNs, governedNs);
    }

    private List<BenchClient> start(Workload workload, Map<String, String> environment) throws IOException {
        Path program = tenant.client();
        List<BenchClient> clients = new ArrayList<>();
        for (int i = 0; i < workload.processes(); i++) {
            clients.add(new BenchClient(program, workload, environment));
        }
        return clients;
    }

    /** All clients measure over the same stretch of time. */
    private double nsPerCall(List<BenchClient> clients) throws IOException {
        long start = System.nanoTime() + LEAD_NS;
        for (BenchClient client : clients) {
            client.measure(start, durationNs);
        }
        long calls = 0;
        long cpuNs = 0;
        for (BenchClient client : clients) {
            BenchClient.Work work = client.work();
            calls += work.calls();
            cpuNs += work.cpuNs();
        }
        return (double) cpuNs / Math.max(1, calls);
    }

    private static void close(List<BenchClient> clients) throws IOException {
        for (BenchClient client : clients) {
            client.close();
        }
    }
}
