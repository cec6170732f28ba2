package io.sluice.policy.time;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What share does a tenant receive that is set one? The GPU's own books, our model beside HAMi-core's, per load. */
final class ShareTable {
    private static final long SECOND_NS = 1_000_000_000;

    private static final List<Integer> PERCENTS = List.of(10, 30, 75, 90);

    private ShareTable() {}

    public static void main(String[] args) {
        long seconds = args.length > 0 ? Long.parseLong(args[0]) : 20;
        System.out.printf("%-28s %5s %8s %8s %8s%n", "load", "set", "asked", "sluice", "HAMi");
        String named = args.length > 1 ? args[1] : "";
        for (Load load :
                Load.ALL.stream().filter(one -> one.name().contains(named)).toList()) {
            for (int percent : PERCENTS) {
                System.out.printf(
                        "%-28s %4d%% %7.2f%% %7.2f%% %7.2f%%%n",
                        load.name(),
                        percent,
                        100 * share(load, 100, seconds, Limiter.NONE),
                        100 * share(load, percent, seconds, Limiter.SLUICE),
                        100 * share(load, percent, seconds, Limiter.HAMI));
            }
        }
    }

    enum Limiter {
        NONE,
        SLUICE,
        HAMI
    }

    /** The part of the GPU's time that one tenant alone receives. */
    static double share(Load load, int percent, long seconds, Limiter limiter) {
        ModelNode node = new ModelNode();
        SluiceGovernor sluice =
                new SluiceGovernor(node, new Turns(), 0, Share.ofPercent(percent), Turns.NORMAL_QUANTUM_NS);
        List<Integer> contexts = new ArrayList<>();
        for (int context = 0; context < load.processes(); context++) {
            contexts.add(context);
            Governor governor = switch (limiter) {
                case NONE -> new Ungoverned(node);
                case SLUICE -> sluice;
                case HAMI -> new HamiGovernor(node, context, percent);
            };
            new ModelApp(node, governor, context, load.shape(), load.lengths().from(new Random(7 + context)));
        }
        node.run(seconds * SECOND_NS);
        return (double) busyNs(node, contexts) / (seconds * SECOND_NS);
    }

    private static long busyNs(ModelNode node, List<Integer> contexts) {
        return contexts.stream().mapToLong(node.gpu::busyNs).sum();
    }

    private record Ungoverned(ModelNode node) implements Governor {
        @Override
        public boolean launch(
                long nowNs, int context, int stream, Kernel kernel, java.util.function.LongConsumer endedAt) {
            node.gpu.submit(context, stream, kernel.trueNs(), endedAt);
            return true;
        }

        @Override
        public long retryNs(long nowNs) {
            return nowNs;
        }
    }
}
