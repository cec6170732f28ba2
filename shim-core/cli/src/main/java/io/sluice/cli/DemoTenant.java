package io.sluice.cli;

import io.sluice.policy.Bytes;
import io.sluice.policy.account.MemoryAccount;
import java.util.List;

/**
 * One of the demo's tenants.
 *
 * @param limitBytes of GPU 0
 * @param arguments of the demo application
 * @param greedy whether it asks for more than its limit
 */
record DemoTenant(String name, long limitBytes, List<String> arguments, boolean greedy) {
    String tenantFile() {
        return "tenant: " + name + "\ngpus:\n  - gpu: 0\n    memory: " + limitBytes + "B\n";
    }

    Bytes limit() {
        return Bytes.of(limitBytes);
    }

    /** The most that fits into the limit in whole pieces. */
    Bytes attainable() {
        long piece = MemoryAccount.LINEAR_GRANULARITY.value();
        return Bytes.of(limitBytes / piece * piece);
    }
}
