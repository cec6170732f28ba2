package io.sluice.bench.share;

import io.sluice.simulator.EngineBooks;
import io.sluice.simulator.EngineBooks.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What came of a scenario.
 *
 * @param busy the part of the time in which anybody had the engine
 * @param lostRecords of the engine's books: with any, the figures are void
 */
record Measurement(Scenario scenario, List<OfTenant> tenants, double busy, long lostRecords) {
    private static final long LEAD_NS = 50_000_000;
    private static final long LOOK_MS = 50;
    /** Before it is measured: estimates are found, queues fill. */
    private static final long SETTLE_NS = 500_000_000;

    record OfTenant(Scenario.Tenant tenant, Received received, ShareClient.Work first) {}

    static Measurement of(Scenario scenario, ShareNode node, long durationNs) throws IOException, InterruptedException {
        List<List<ShareClient>> clients = new ArrayList<>();
        try {
            for (Scenario.Tenant tenant : scenario.tenants()) {
                List<ShareClient> own = new ArrayList<>();
                clients.add(own);
                for (int i = 0; i < tenant.load().processes(); i++) {
                    own.add(node.start(tenant, i));
                }
            }
            return measure(scenario, node.books(), clients, durationNs);
        } finally {
            for (ShareClient client : flat(clients)) {
                client.close();
            }
        }
    }

    private static Measurement measure(
            Scenario scenario, EngineBooks books, List<List<ShareClient>> clients, long durationNs)
            throws IOException, InterruptedException {
        long startNs = System.nanoTime() + LEAD_NS;
        long fromNs = startNs + SETTLE_NS;
        long toNs = fromNs + durationNs;
        for (ShareClient client : flat(clients)) {
            client.work(startNs, toNs);
        }
        List<Run> runs = new ArrayList<>();
        while (System.nanoTime() < toNs + LEAD_NS) {
            Thread.sleep(LOOK_MS); // the ring of records is soon full
            runs.addAll(books.read());
        }
        List<OfTenant> received = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            ShareClient.Work first = ofAll(clients.get(i));
            runs.addAll(books.read());
            Set<Long> pids =
                    new HashSet<>(clients.get(i).stream().map(ShareClient::pid).toList());
            received.add(new OfTenant(scenario.tenants().get(i), Received.of(runs, pids, fromNs, toNs), first));
        }
        return new Measurement(scenario, received, Received.share(runs, fromNs, toNs), books.lost());
    }

    private static ShareClient.Work ofAll(List<ShareClient> clients) throws IOException {
        List<ShareClient.Work> all = new ArrayList<>();
        for (ShareClient client : clients) {
            all.add(client.done());
        }
        return all.get(0);
    }

    private static List<ShareClient> flat(List<List<ShareClient>> clients) {
        return clients.stream().flatMap(List::stream).toList();
    }

    /** Jain's index of what each received by what is set for it: 1 where all have the same part of theirs. */
    double jain() {
        double sum = 0;
        double squares = 0;
        for (OfTenant one : tenants) {
            double normalised = one.received().share() / one.tenant().percent();
            sum += normalised;
            squares += normalised * normalised;
        }
        return sum * sum / (tenants.size() * squares);
    }
}
