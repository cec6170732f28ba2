package io.sluice.exporter;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.LedgerException;
import io.sluice.control.ControlException;
import io.sluice.control.LedgerSweeper;
import io.sluice.control.RunDirectory;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ledgers of all tenants, mapped once and kept while the file stays the same: a mapping lasts until the garbage
 * collector comes by, so one for each scrape would pile up.
 */
final class OpenLedgers {
    private final RunDirectory run;
    private final LedgerSweeper sweeper;
    private final LedgerErrors errors;
    private final Map<TenantName, Opened> ledgers = new HashMap<>();

    /** @param file tells a file from the one that takes its name later */
    private record Opened(@Nullable Object file, long size, Ledger ledger) {}

    OpenLedgers(RunDirectory run, LedgerSweeper sweeper, LedgerErrors errors) {
        this.run = run;
        this.sweeper = sweeper;
        this.errors = errors;
    }

    void keepOnly(Collection<TenantName> tenants) {
        ledgers.keySet().retainAll(tenants);
    }

    /** The tenant's ledger, swept; empty, and counted as an error, where it cannot be used. */
    Optional<Ledger> swept(TenantName tenant) {
        try {
            if (!Files.isWritable(run.tenantFolder(tenant))) {
                errors.add(tenant, "not_permitted", run.tenantFolder(tenant) + " belongs to another user");
                return Optional.empty();
            }
            Ledger ledger = open(tenant);
            sweep(tenant);
            return Optional.of(ledger);
        } catch (LedgerException e) {
            errors.add(tenant, e.reason().name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            errors.add(tenant, "unreadable", e.toString());
        }
        ledgers.remove(tenant);
        return Optional.empty();
    }

    private Ledger open(TenantName tenant) throws IOException {
        Path path = run.ledger(tenant);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            BasicFileAttributes found =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Opened opened = ledgers.get(tenant);
            if (opened != null && opened.size() == found.size() && same(opened.file(), found.fileKey())) {
                opened.ledger().verify();
                return opened.ledger();
            }
            Ledger ledger = Ledger.open(path);
            ledgers.put(tenant, new Opened(found.fileKey(), found.size(), ledger));
            return ledger;
        }
        return Ledger.open(path); // says that it is missing
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return a != null && a.equals(b);
    }

    /** What dead processes hold is then still shown, which the books do too. */
    private void sweep(TenantName tenant) {
        try {
            sweeper.sweep(run.root(), tenant);
            errors.none(tenant);
        } catch (ControlException | IllegalStateException | UnsatisfiedLinkError e) {
            errors.add(tenant, "sweep", String.valueOf(e.getMessage()));
        }
    }
}
