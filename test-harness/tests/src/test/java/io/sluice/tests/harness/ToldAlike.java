package io.sluice.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.MemoryKind;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares all that a tenant's processes are told of one GPU with the ledger.
 *
 * @param clients all processes of the tenant, each with NVML, a context on the GPU, and two pools of it
 */
public record ToldAlike(Tenant tenant, Card card, List<Client> clients) {
    public static final List<String> COMPUTE = List.of(
            "nvmlDeviceGetComputeRunningProcesses",
            "nvmlDeviceGetComputeRunningProcesses_v2",
            "nvmlDeviceGetComputeRunningProcesses_v3");
    private static final List<String> OTHERS = List.of(
            "nvmlDeviceGetGraphicsRunningProcesses",
            "nvmlDeviceGetGraphicsRunningProcesses_v2",
            "nvmlDeviceGetGraphicsRunningProcesses_v3",
            "nvmlDeviceGetMPSComputeRunningProcesses",
            "nvmlDeviceGetMPSComputeRunningProcesses_v2",
            "nvmlDeviceGetMPSComputeRunningProcesses_v3");
    private static final int POOLS = 2;

    public void check(String when) {
        checkPoolsAndGraphs(when);
        checkCuda(when);
        checkProcesses(when);
    }

    /** What CUDA and NVML tell of the GPU's memory. */
    public void checkCuda(String when) {
        for (Client client : clients) {
            Answer info = client.must("info");
            long used = tenant.usage(card).used().value(); // asking may have settled it
            long free = info.number(0);
            long total = info.number(1);
            assertThat(free)
                    .as("%s: free by cuMemGetInfo", when)
                    .isEqualTo(Math.max(0, total - used)); // pools go above
            assertThat(client.must("total " + card.index()).number(0))
                    .as("%s: cuDeviceTotalMem", when)
                    .isEqualTo(total);
            assertThat(client.must("nvml-memory " + card.id()).values())
                    .as("%s: NVML", when)
                    .containsExactly(words(total, free, used, total, 0, free, used));
        }
    }

    private void checkProcesses(String when) {
        Map<Long, Long> held = new TreeMap<>();
        for (ProcessUsage process : tenant.ledger().processes()) {
            held.put(
                    process.pid(),
                    process.held().getOrDefault(card.id(), Bytes.ZERO).value());
        }
        assertThat(held.values().stream().mapToLong(bytes -> bytes).sum())
                .as(when)
                .isEqualTo(tenant.usage(card).used().value());
        for (Client client : clients) {
            for (String function : COMPUTE) {
                assertThat(processes(client.must("nvml-processes " + card.id() + " " + function)))
                        .as("%s: %s", when, function)
                        .isEqualTo(held);
            }
            for (String function : OTHERS) {
                assertThat(client.must("nvml-processes " + card.id() + " " + function)
                                .values())
                        .as("%s: %s", when, function)
                        .containsExactly("0");
            }
        }
    }

    /** What pools say that they have reserved is what is charged for them; graphs may be charged before they take it. */
    private void checkPoolsAndGraphs(String when) {
        long pools = 0;
        long graphs = 0;
        for (Client client : clients) {
            for (int pool = 0; pool < POOLS; pool++) {
                pools += reserved(when, client.must("reserved " + pool));
            }
            graphs += reserved(when, client.must("graph-reserved " + card.index()));
        }
        Map<MemoryKind, Bytes> charged = tenant.ledger().usedByKind(card.id());
        assertThat(Bytes.of(pools)).as("%s: reserved by pools", when).isEqualTo(charged.get(MemoryKind.POOL));
        assertThat(graphs)
                .as("%s: reserved for graphs", when)
                .isLessThanOrEqualTo(
                        charged.getOrDefault(MemoryKind.GRAPH, Bytes.ZERO).value());
    }

    private static long reserved(String when, Answer attributes) {
        assertThat(attributes.number(0))
                .as("%s: %s", when, attributes)
                .isBetween(attributes.number(2), attributes.number(1));
        assertThat(attributes.number(2)).as("%s: %s", when, attributes).isLessThanOrEqualTo(attributes.number(3));
        return attributes.number(0);
    }

    /** Bytes by process id, as {@code nvml-processes} answers. */
    public static Map<Long, Long> processes(Answer list) {
        Map<Long, Long> processes = new TreeMap<>();
        for (String process : list.values().subList(1, list.values().size())) {
            String[] words = process.split(":");
            processes.put(Long.valueOf(words[0]), Long.valueOf(words[1]));
        }
        assertThat(processes).as("%s", list).hasSize((int) list.number(0));
        return processes;
    }

    private static String[] words(long... numbers) {
        return Arrays.stream(numbers).mapToObj(Long::toString).toArray(String[]::new);
    }
}
