package io.sluice.control;

import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.OnFailure;
import io.sluice.policy.tenantfile.TenantFileException;
import io.sluice.policy.tenantfile.TenantFileParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A tenant file that holds already, to the byte, on the same GPUs: applying it again would change nothing, so it is neither
 * parsed nor applied. Most starts are of that kind, and this takes a small part of the time; so nothing here makes the JVM link a
 * lambda or a stream for the first time.
 *
 * <p>The mark that says so is removed before a tenant's books are changed and made after, so a crash in between leaves none.
 */
public record AlreadyApplied(TenantName tenant, OnFailure onFailure) {

    /**
     * Empty wherever anything is not as it was left: then applying says what. The ledger and the limits are not looked into: the
     * probe does, and where it finds fault with them the file has to be applied after all.
     *
     * @param argument {@code FILE|NAME}
     * @param setup of the GPUs now; without it nothing is known to be the same
     */
    public static Optional<AlreadyApplied> find(RunDirectory run, String argument, Optional<GpuSetup> setup) {
        try {
            if (setup.isEmpty() || !Files.isDirectory(run.marks(), LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            run.check();
            if (!TenantArgument.isFile(argument)) {
                return holding(run, new TenantName(argument), setup.get());
            }
            byte[] content = TenantFileParser.read(Path.of(argument));
            try (DirectoryStream<Path> marks = Files.newDirectoryStream(run.marks())) {
                for (Path mark : marks) {
                    TenantName tenant = new TenantName(String.valueOf(mark.getFileName()));
                    if (TenantStore.holds(run, tenant, content)) {
                        return holding(run, tenant, setup.get());
                    }
                }
            }
            return Optional.empty();
        } catch (TenantFileException | ControlException | IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** After a file was applied. Does nothing for a user who may not apply, or where somebody applied another file since. */
    public static void remember(RunDirectory run, TenantSource source, Optional<GpuSetup> setup) {
        if (setup.isEmpty() || !run.mayApply()) {
            return;
        }
        TenantName tenant = source.file().tenant();
        try {
            run.whileLocked(() -> {
                if (TenantStore.holds(run, tenant, source.content().getBytes(StandardCharsets.UTF_8))) {
                    Folders.ensure(run.marks(), "rwxr-xr-x");
                    String mark = source.file().onFailure() + "\n" + setup.get().line() + "\n";
                    WholeFile.write(run.mark(tenant), mark.getBytes(StandardCharsets.UTF_8));
                }
                return tenant;
            });
        } catch (IOException | ControlException e) {
            // The next start takes the long way again.
        }
    }

    /** The caller holds the run directory's lock. */
    static void forget(RunDirectory run, TenantName tenant) throws IOException {
        Files.deleteIfExists(run.mark(tenant));
    }

    private static Optional<AlreadyApplied> holding(RunDirectory run, TenantName tenant, GpuSetup setup)
            throws IOException {
        List<String> mark = Files.readAllLines(run.mark(tenant));
        if (mark.size() != 2
                || !mark.get(1).equals(setup.line())
                || !Files.isRegularFile(run.tenantFile(tenant), LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(run.locks(tenant), LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(run.ledger(tenant), LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(run.limits(tenant), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        for (OnFailure onFailure : OnFailure.values()) {
            if (onFailure.toString().equals(mark.get(0))) {
                return Optional.of(new AlreadyApplied(tenant, onFailure));
            }
        }
        return Optional.empty();
    }
}
