package io.sluice.control;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.LedgerException;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Removes all that the run directory keeps of a tenant, unless a process of it lives. */
public final class Forget {
    private final RunDirectory run;
    private final LedgerHolders holders;
    private final LedgerSweeper sweeper;

    public Forget(RunDirectory run, LedgerHolders holders, LedgerSweeper sweeper) {
        this.run = run;
        this.holders = holders;
        this.sweeper = sweeper;
    }

    /** @throws ControlException with {@link Reason#BUSY} if a process of the tenant lives; then nothing was changed */
    public void forget(TenantName tenant) throws ControlException {
        Folders.check(run.root());
        if (kept(tenant).stream().noneMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))) {
            throw new ControlException(
                    Reason.TENANT_FILE,
                    "there is no tenant '" + tenant + "' in " + run.root() + ": 'sluice status' shows those there are");
        }
        try {
            run.whileLocked(() -> {
                remove(tenant);
                return tenant;
            });
        } catch (IOException e) {
            throw Folders.notPermitted(
                    run.root(), "does not let go of tenant '" + tenant + "' (" + e + "): remove its files by hand");
        }
    }

    private List<Path> kept(TenantName tenant) {
        return List.of(
                run.tenantFolder(tenant),
                run.limits(tenant),
                run.tenantFile(tenant),
                run.reloadRecord(tenant),
                run.mark(tenant));
    }

    private void remove(TenantName tenant) throws IOException, ControlException {
        requireIdle(run, tenant);
        AlreadyApplied.forget(run, tenant);
        if (Files.exists(run.tenantFolder(tenant), LinkOption.NOFOLLOW_LINKS)) {
            removeBooks(tenant);
        }
        Files.deleteIfExists(run.limits(tenant));
        Files.deleteIfExists(run.tenantFile(tenant));
        Files.deleteIfExists(run.reloadRecord(tenant));
        TurnWeights.write(run);
    }

    /**
     * The folder is put aside before it is looked at for the last time: a process that joined after the first look is
     * found then, and none can join any more.
     */
    private void removeBooks(TenantName tenant) throws IOException, ControlException {
        RunDirectory aside = new RunDirectory(run.root().resolve(".forgotten"));
        Folders.ensure(aside.root(), "rwx------");
        Folders.ensure(aside.root().resolve("tenants"), "rwx------");
        Path folder = aside.tenantFolder(tenant);
        removeFolder(folder);
        Files.move(run.tenantFolder(tenant), folder, StandardCopyOption.ATOMIC_MOVE);
        try {
            requireIdle(aside, tenant);
        } catch (ControlException e) {
            Files.move(folder, run.tenantFolder(tenant), StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        removeFolder(folder);
    }

    private void requireIdle(RunDirectory where, TenantName tenant) throws ControlException {
        if (!Files.exists(where.locks(tenant), LinkOption.NOFOLLOW_LINKS)) {
            return; // without it, nobody can have joined
        }
        OptionalInt holder = holder(where, tenant);
        if (holder.isPresent()) {
            throw new ControlException(
                    Reason.BUSY,
                    "tenant '" + tenant + "' is in use, among others by process " + holder.getAsInt()
                            + ": stop its processes first");
        }
    }

    /** By its lock, or, where a process has closed all its files, by its slot that no sweep takes back. */
    private OptionalInt holder(RunDirectory where, TenantName tenant) throws ControlException {
        try {
            OptionalInt holder = holders.find(where.root(), tenant);
            return holder.isPresent() ? holder : slotOwner(where, tenant);
        } catch (IllegalStateException e) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "cannot tell whether processes of tenant '" + tenant + "' live (" + e.getMessage()
                            + "): nothing was removed",
                    e);
        }
    }

    private OptionalInt slotOwner(RunDirectory where, TenantName tenant) throws ControlException {
        try {
            if (where.equals(run)) {
                sweeper.sweep(where.root(), tenant);
            }
            Optional<ProcessUsage> process =
                    Ledger.open(where.ledger(tenant)).processes().stream().findFirst();
            return process.map(owner -> OptionalInt.of(Math.toIntExact(owner.pid())))
                    .orElseGet(OptionalInt::empty);
        } catch (LedgerException | IllegalStateException e) {
            return OptionalInt.empty(); // damaged or of another boot: nobody uses it
        } catch (IOException e) {
            throw Folders.notPermitted(where.ledger(tenant), "cannot be read (" + e + ")");
        }
    }

    private static void removeFolder(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
