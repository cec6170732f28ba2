package io.sluice.tests.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A client that takes memory of its first GPU in every way there is, and lets go of it, at random. */
public final class RandomUse {
    private static final long MIB = 1L << 20;

    private final Client client;
    private final Random random;
    private final List<Way> ways;
    private final List<String> held = new ArrayList<>();

    /** @param release what lets go of it, where {@code %d} is the number under which the client keeps it */
    private record Way(String take, String release) {}

    private RandomUse(Client client, Random random, List<Way> ways) {
        this.client = client;
        this.random = random;
        this.ways = ways;
    }

    /** @param client with two pools */
    public static RandomUse by(Client client, Node node) throws IOException {
        String ptx = Files.writeString(node.file("variables.ptx"), """
                .version 7.0
                .target sm_52
                .address_size 64
                .visible .global .align 16 .b8 large[%d];
                """.formatted(node.oddBytes(1, 3)))
                .toString();
        return new RandomUse(
                client,
                node.random(),
                List.of(
                        new Way("alloc %d", "free %d"),
                        new Way("managed %d", "free %d"),
                        new Way("pitch 1001 311", "free %d"),
                        new Way("pool-alloc %d", "pool-free %d"),
                        new Way("pool-alloc %d 1", "pool-free %d"),
                        new Way("pool-alloc %d", "pool-free %d sync"),
                        new Way("create 4194304", "release %d"),
                        new Way("array 501 303 32 2", "array-destroy %d"),
                        new Way("mipmapped 640 300 32 1 3", "array-destroy %d mipmapped"),
                        new Way("graph %d 700001", "graph-destroy %d"),
                        new Way("module data " + ptx, "module-unload %d"),
                        new Way("module library " + ptx, "module-unload %d library"),
                        new Way("context 0", "destroy %d")));
    }

    /** One step; what it was. */
    public String next() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> take();
            case 4, 5, 6 -> letGo();
            case 7 -> ask("sync");
            case 8 -> ask("pool-trim " + random.nextInt(2) + " " + random.nextLong(0, MIB));
            default -> graphs();
        };
    }

    private String take() {
        Way way = ways.get(random.nextInt(ways.size()));
        String take = way.take().replace("%d", Long.toString(random.nextLong(1, 3 * MIB)));
        Answer answer = client.ask(take);
        if (answer.result() == 0 && take.startsWith("context")) {
            client.ask("alloc " + random.nextLong(1, MIB)); // and goes with it
            client.must("destroy " + answer.number(0));
        } else if (answer.result() == 0) {
            held.add(way.release().formatted(answer.number(0)));
        }
        return take;
    }

    private String letGo() {
        return held.isEmpty() ? take() : ask(held.remove(random.nextInt(held.size())));
    }

    private String graphs() {
        return ask(random.nextBoolean() ? "graph-trim 0" : "graph-launch " + random.nextInt(4));
    }

    private String ask(String command) {
        client.ask(command);
        return command;
    }
}
