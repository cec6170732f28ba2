package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where one node keeps its tenants.
 *
 * <pre>
 * RUN/tenants/TENANT/ledger   0660 in a 0770 folder   what the tenant uses; the tenant's processes write it
 * RUN/tenants/TENANT/locks    0660                    which process is alive; only native code opens it
 * RUN/limits/TENANT           0644                    what the tenant may use; the control side writes it
 * RUN/tenant-files/TENANT     0644                    the tenant file that was applied last
 * RUN/reloads/TENANT          0644                    how the last attempt to load the tenant's file ended
 * RUN/arbiters/UUID           0666                    how processes of all tenants take turns on a GPU
 * RUN/gpus                    0644                    names of the GPUs that were seen, for people
 * RUN/.lock                   0600                    held while a tenant file is applied
 * </pre>
 *
 * A tenant's name is a DNS label, so it cannot collide with {@code .lock} and is never a path.
 *
 * @param root absolute
 */
public record RunDirectory(Path root) {
    /** Names the run directory, for us and for the libwrapper. */
    public static final String VARIABLE = "SLUICE_RUN_DIR";

    private static final Path OF_THE_NODE = Path.of("/run/sluice");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    public RunDirectory {
        if (!root.isAbsolute()) {
            throw new IllegalArgumentException("a run directory is an absolute path: " + root);
        }
    }

    /**
     * The run directory of this process: the given one, {@code SLUICE_RUN_DIR}, {@code /run/sluice} if the node has it,
     * else one in shared memory for this user alone.
     */
    public static RunDirectory resolve(Optional<Path> given, Map<String, String> environment) throws ControlException {
        return resolve(given, environment, OF_THE_NODE, SHARED_MEMORY);
    }

    static RunDirectory resolve(
            Optional<Path> given, Map<String, String> environment, Path ofTheNode, Path sharedMemory)
            throws ControlException {
        if (given.isPresent()) {
            return new RunDirectory(given.get().toAbsolutePath().normalize());
        }
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            if (!named.startsWith("/")) {
                throw new ControlException(
                        Reason.NOT_PERMITTED, VARIABLE + "='" + named + "' is not an absolute path: write one");
            }
            return new RunDirectory(Path.of(named).normalize());
        }
        if (Files.isDirectory(ofTheNode, LinkOption.NOFOLLOW_LINKS)) {
            return new RunDirectory(ofTheNode);
        }
        return new RunDirectory(sharedMemory.resolve("sluice-" + Folders.user()));
    }

    public Path ledger(TenantName tenant) {
        return tenantFolder(tenant).resolve("ledger");
    }

    public Path locks(TenantName tenant) {
        return tenantFolder(tenant).resolve("locks");
    }

    public Path limits(TenantName tenant) {
        return root.resolve("limits").resolve(tenant.value());
    }

    public Path tenantFile(TenantName tenant) {
        return root.resolve("tenant-files").resolve(tenant.value());
    }

    public Path tenantFolder(TenantName tenant) {
        return root.resolve("tenants").resolve(tenant.value());
    }

    public Path arbiter(GpuId gpu) {
        return root.resolve("arbiters").resolve(gpu.uuid().toString().toLowerCase(Locale.ROOT));
    }

    Path reloadRecord(TenantName tenant) {
        return root.resolve("reloads").resolve(tenant.value());
    }

    Path marks() {
        return root.resolve("applied");
    }

    Path mark(TenantName tenant) {
        return marks().resolve(tenant.value());
    }

    Path contexts() {
        return root.resolve("contexts");
    }

    Path gpus() {
        return root.resolve("gpus");
    }

    /** Makes what is missing and refuses what another user could have prepared. */
    public void ensure() throws ControlException {
        Folders.ensure(root, "rwx------");
        if (!Files.isWritable(root)) {
            return; // the node's, kept by root: what stands there is used as it is
        }
        Folders.ensure(root.resolve("tenants"), "rwxr-xr-x");
        Folders.ensure(root.resolve("limits"), "rwxr-xr-x");
        Folders.ensure(root.resolve("tenant-files"), "rwxr-xr-x");
        Folders.ensure(root.resolve("reloads"), "rwxr-xr-x");
        Folders.ensure(root.resolve("arbiters"), "rwxr-xr-x");
    }

    /** Refuses what another user could have prepared; changes nothing. */
    public void check() throws ControlException {
        Folders.check(root);
        for (String folder : List.of("tenants", "limits", "tenant-files", "reloads", "arbiters", "applied")) {
            if (Files.exists(root.resolve(folder), LinkOption.NOFOLLOW_LINKS)) {
                Folders.check(root.resolve(folder));
            }
        }
    }

    /** Whether this user may change limits here. */
    public boolean mayApply() {
        return Files.isWritable(root.resolve("limits"));
    }

    void ensureTenantFolder(TenantName tenant) throws ControlException {
        Folders.ensure(tenantFolder(tenant), "rwxrwx---");
    }

    /** Makes the empty lock file, and never opens one that is there: closing it would drop this process' locks. */
    void ensureLocks(TenantName tenant) throws IOException, ControlException {
        Path locks = locks(tenant);
        if (!Files.exists(locks, LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(locks);
            Files.setPosixFilePermissions(locks, PosixFilePermissions.fromString("rw-rw----"));
        }
        if (!Files.isRegularFile(locks, LinkOption.NOFOLLOW_LINKS)) {
            throw Folders.notPermitted(
                    locks, "is not a file: stop the tenant's processes, remove it, and apply the tenant's file again");
        }
    }

    /** Tenants that have a ledger, in the order of their names. */
    public List<TenantName> tenants() throws ControlException {
        return names(root.resolve("tenants"), path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** Tenants that have limits, in the order of their names. */
    public List<TenantName> tenantsWithLimits() throws ControlException {
        return names(root.resolve("limits"), RunDirectory::isFinished);
    }

    /** Tenants whose file was ever loaded, or was to be, in the order of their names. */
    public List<TenantName> tenantsWithReloads() throws ControlException {
        return names(root.resolve("reloads"), RunDirectory::isFinished);
    }

    /** A name with a dot before it is of a file that is being written. */
    private static boolean isFinished(Path path) {
        return !String.valueOf(path.getFileName()).startsWith(".");
    }

    private List<TenantName> names(Path folder, Predicate<Path> isOne) throws ControlException {
        Folders.check(root);
        List<TenantName> tenants = new ArrayList<>();
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return tenants;
        }
        try (Stream<Path> names = Files.list(folder)) {
            for (Path path : names.filter(isOne).sorted().toList()) {
                tenants.add(new TenantName(String.valueOf(path.getFileName())));
            }
            return tenants;
        } catch (IOException | IllegalArgumentException e) {
            throw new ControlException(Reason.NOT_PERMITTED, folder + " cannot be listed (" + e.getMessage() + ")", e);
        }
    }

    /** Does some work while no other control process changes anything here. */
    <T> T whileLocked(Work<T> work) throws IOException, ControlException {
        try (FileChannel channel = openLock()) {
            channel.lock(); // closing the channel lets it go
            return work.get();
        }
    }

    /** What is done under the lock. */
    interface Work<T> {
        T get() throws IOException, ControlException;
    }

    private FileChannel openLock() throws IOException, ControlException {
        Path lock = root.resolve(".lock");
        try {
            return FileChannel.open(
                    lock,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (AccessDeniedException e) {
            throw Folders.notPermitted(lock, "cannot be written: this user may not change limits here");
        }
    }
}
