package io.sluice.tests.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tenant files as a user writes them. */
public final class TenantFiles {
    private TenantFiles() {}

    /** A limit that a tenant file can state, and seldom a multiple of what the driver rounds to. */
    public static long randomLimit(Node node) {
        return node.random().nextInt(5_000, 50_000) * 1000L;
    }

    /** Tenant alice with a limit on the node's first card, which is named by its UUID. */
    public static Path alice(Node node, long limitBytes, String... more) throws IOException {
        return Files.writeString(
                node.file("alice.yaml"), """
                tenant: alice
                gpus:
                  - gpu: %s
                    memory: %dkB
                %s
                """.formatted(node.card().id(), limitBytes / 1000, String.join("\n", more)));
    }
}
