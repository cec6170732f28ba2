package io.sluice.exporter;

import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.TenantName;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The processes that are in some tenant's ledger. A ledger knows a process by the pid that it has in its own pid
 * namespace, NVML by that of the host; /proc tells both, where this exporter runs in the host's namespace and may read
 * it. Where it may not, a process counts as managed if any namespace has a managed process of that number.
 */
final class ManagedProcesses {
    private final Path proc;
    private final Map<Identity, TenantName> processes = new HashMap<>();
    private final Map<Long, TenantName> pids = new HashMap<>();

    private record Identity(long pidNamespace, long pid) {}

    ManagedProcesses(Path proc) {
        this.proc = proc;
    }

    void add(TenantName tenant, ProcessUsage process) {
        processes.put(new Identity(process.pidNamespace(), process.pid()), tenant);
        pids.put(process.pid(), tenant);
    }

    /**
     * Whose process it is.
     *
     * @param pid of the host, as NVML tells it
     */
    Optional<TenantName> tenantOf(long pid) {
        ProcFolder process = new ProcFolder(proc, pid);
        long inner = process.innermostPid().orElse(pid);
        Optional<Long> namespace = process.pidNamespace();
        return namespace.isPresent()
                ? Optional.ofNullable(processes.get(new Identity(namespace.get(), inner)))
                : Optional.ofNullable(pids.get(inner));
    }
}
