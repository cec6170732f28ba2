package io.sluice.bench.share;

import java.util.ArrayList;
import java.util.List;

/** Tenants that use one GPU at the same time. */
record Scenario(String group, String title, List<Tenant> tenants) {

    /** @param percent of the GPU's time that its file sets; 0: its file says nothing of that */
    record Tenant(String name, int percent, Load load) {}

    /** All that is asked, one group after the other. */
    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        for (int percent : new int[] {10, 25, 30, 50, 75, 90}) {
            for (Load load : lengths()) {
                all.add(alone("alone", percent, load));
            }
        }
        for (Load load : List.of(
                Load.of(20).gap(80),
                Load.of(200).gap(80),
                Load.of(200).gap(1000),
                Load.of(2000).gap(1000),
                Load.of(200).between("copy"),
                Load.of(200).between("host"),
                Load.of(200).between("wait"),
                Load.of(20).graphs(10),
                Load.of(200).streams(8),
                Load.of(200).processes(4))) {
            all.add(alone("shapes", 30, load));
        }
        for (Load load : List.of(Load.of(200), Load.of(5000))) {
            all.add(together(30, load, 70, load));
            all.add(together(10, load, 90, load));
        }
        all.add(together(30, Load.of(20), 70, Load.of(20_000)));
        all.add(together(70, Load.of(20), 30, Load.of(20_000)));
        all.add(new Scenario(
                "together",
                "25 x 4",
                List.of(
                        new Tenant("a", 25, Load.of(200)),
                        new Tenant("b", 25, Load.of(2000)),
                        new Tenant("c", 25, Load.of(20_000)),
                        new Tenant("d", 25, Load.mix(1000, 100_000)))));
        all.add(alone("victim", 25, Load.of(200).oneByOne()));
        all.add(new Scenario(
                "victim",
                "beside a noisy one",
                List.of(new Tenant("victim", 25, Load.of(200).oneByOne()), new Tenant("noisy", 75, Load.of(20_000)))));
        return List.copyOf(all);
    }

    private static List<Load> lengths() {
        return List.of(
                Load.of(20),
                Load.of(200),
                Load.of(2000),
                Load.of(20_000),
                Load.of(200_000),
                Load.mix(1000, 100_000),
                Load.lognormal(1000, 1));
    }

    private static Scenario alone(String group, int percent, Load load) {
        return new Scenario(group, "alone", List.of(new Tenant("a", percent, load)));
    }

    private static Scenario together(int firstPercent, Load first, int secondPercent, Load second) {
        return new Scenario(
                "together",
                firstPercent + " / " + secondPercent,
                List.of(new Tenant("a", firstPercent, first), new Tenant("b", secondPercent, second)));
    }
}
