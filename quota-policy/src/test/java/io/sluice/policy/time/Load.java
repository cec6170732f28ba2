package io.sluice.policy.time;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** What an application asks of the GPU, by name. */
record Load(String name, ModelApp.Shape shape, int processes, Lengths lengths) {
    /** Makes kernels from a source of chance. */
    interface Lengths {
        Supplier<Governor.Kernel> from(Random random);
    }

    private static final ModelApp.Shape DEEP = new ModelApp.Shape(1, 4, 0);
    private static final ModelApp.Shape WAITING = new ModelApp.Shape(1, 1, 0);

    static final List<Load> ALL = List.of(
            new Load("20 us", DEEP, 1, constant(20_000)),
            new Load("100 us", DEEP, 1, constant(100_000)),
            new Load("200 us", DEEP, 1, constant(200_000)),
            new Load("2 ms", DEEP, 1, constant(2_000_000)),
            new Load("20 ms", DEEP, 1, constant(20_000_000)),
            new Load("200 ms", DEEP, 1, constant(200_000_000)),
            new Load("1/100 ms mix", DEEP, 1, mix()),
            new Load("1/100 ms mix, one function", DEEP, 1, hiddenMix()),
            new Load("lognormal", DEEP, 1, lognormal()),
            new Load("lognormal, waiting", WAITING, 1, lognormal()),
            new Load("20 us, 0 us host", WAITING, 1, constant(20_000)),
            new Load("20 us, 80 us host", new ModelApp.Shape(1, 1, 80_000), 1, constant(20_000)),
            new Load("200 us, 1 ms host", new ModelApp.Shape(1, 1, 1_000_000), 1, constant(200_000)),
            new Load("8 streams of 200 us", new ModelApp.Shape(8, 4, 0), 1, constant(200_000)),
            new Load("8 streams of 20 us", new ModelApp.Shape(8, 4, 0), 1, constant(20_000)),
            new Load("8 streams, lognormal", new ModelApp.Shape(8, 2, 0), 1, lognormal()),
            new Load("4 processes of 200 us", DEEP, 4, constant(200_000)),
            new Load("4 processes, lognormal", DEEP, 4, lognormal()),
            new Load("graphs of 10", DEEP, 1, constant(10 * 30_000)));

    static Load named(String name) {
        return ALL.stream().filter(load -> load.name.equals(name)).findFirst().orElseThrow();
    }

    static Lengths constant(long ns) {
        return random -> () -> new Governor.Kernel(ns, 132, ns);
    }

    private static Lengths mix() {
        return random -> () -> {
            long ns = random.nextInt(10) == 0 ? 100_000_000 : 1_000_000;
            return new Governor.Kernel(ns, 132, ns);
        };
    }

    /** The length depends on data: nothing that can be seen before tells the two apart. */
    private static Lengths hiddenMix() {
        return random -> () -> new Governor.Kernel(1, 132, random.nextInt(10) == 0 ? 100_000_000 : 1_000_000);
    }

    private static Lengths lognormal() {
        return random -> () ->
                new Governor.Kernel(1, 132, Math.min(100_000_000, (long) (200_000 * Math.exp(random.nextGaussian()))));
    }
}
