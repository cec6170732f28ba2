package io.sluice.exporter;

import io.sluice.control.GpuState;
import io.sluice.control.RunDirectory;
import io.sluice.policy.TenantName;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names in the log, once, each process that is on a GPU and in no ledger: which it is, and whose, where it comes from a
 * tenant's process. A child that was started without its environment is such a one.
 */
final class UnmanagedProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(UnmanagedProcesses.class);
    private static final int MOST_ANCESTORS = 64; // processes come and go while we climb, so there might be no end

    private final Path proc;
    private final RunDirectory run;
    private Set<Stranger> known = new HashSet<>();
    private Set<Stranger> seen = new HashSet<>();

    private record Stranger(String gpu, long pid, long startTicks) {}

    /** @param pid of the process by which we know the tenant: an ancestor, or the process itself */
    private record Origin(TenantName tenant, long pid) {}

    UnmanagedProcesses(Path proc, RunDirectory run) {
        this.proc = proc;
        this.run = run;
    }

    /** @param gpu its index */
    void see(String gpu, GpuState.User user, ManagedProcesses managed) {
        Optional<ProcFolder.Stat> stat = new ProcFolder(proc, user.pid()).stat();
        Stranger stranger = new Stranger(
                gpu, user.pid(), stat.map(ProcFolder.Stat::startTicks).orElse(0L));
        seen.add(stranger);
        if (known.contains(stranger)) {
            return;
        }
        String program = stat.map(ProcFolder.Stat::program).orElse("");
        Optional<Origin> origin = origin(user.pid(), managed);
        LOG.warn(
                "event=unmanaged_process gpu={} pid={} program=\"{}\" used_bytes={} tenant={} tenant_pid={}"
                        + " what=\"it uses the GPU and no quota holds it: start it with 'sluice run'\"",
                gpu,
                user.pid(),
                program.replaceAll("[^ !#-\\[\\]-~]", "?"), // it may be called anything: this stays one line
                user.used().value(),
                origin.map(from -> from.tenant().value()).orElse("-"),
                origin.map(from -> Long.toString(from.pid())).orElse("-"));
    }

    /** After all of one look at the node: who is gone is named again if it comes back. */
    void seenAll() {
        known = seen;
        seen = new HashSet<>();
    }

    private Optional<Origin> origin(long pid, ManagedProcesses managed) {
        long next = pid;
        for (int i = 0; i < MOST_ANCESTORS && next > 0; i++) {
            long current = next;
            ProcFolder process = new ProcFolder(proc, current);
            Optional<Origin> origin = managed.tenantOf(current)
                    .or(() -> startedFor(process.environment()))
                    .map(tenant -> new Origin(tenant, current));
            if (origin.isPresent()) {
                return origin;
            }
            next = process.stat().map(ProcFolder.Stat::parent).orElse(0L);
        }
        return Optional.empty();
    }

    /** A launcher that makes no CUDA call is in no ledger, but knows whose it is. */
    private Optional<TenantName> startedFor(Map<String, String> environment) {
        String tenant = environment.getOrDefault("SLUICE_TENANT", "");
        if (!run.root().toString().equals(environment.get(RunDirectory.VARIABLE))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TenantName(tenant));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
