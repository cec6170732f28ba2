package io.sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a demo keeps while it runs; gone when it is closed, and when the JVM is told to end. */
final class DemoFolder implements AutoCloseable {
    private final Path root;
    private final Path temporary;
    private final Thread atExit = new Thread(this::delete);

    private DemoFolder(Path root, Path temporary) {
        this.root = root;
        this.temporary = temporary;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** In shared memory where there is some: the ledgers and the simulated GPU's books are mapped files. */
    static DemoFolder create() throws IOException {
        Path sharedMemory = Path.of("/dev/shm");
        Path folder = Files.isWritable(sharedMemory)
                ? Files.createTempDirectory(sharedMemory, "sluice-demo-")
                : Files.createTempDirectory("sluice-demo-");
        Files.createDirectory(folder.resolve("sim"));
        return new DemoFolder(folder, Files.createTempDirectory("sluice-demo-natives-"));
    }

    void write(DemoTenant tenant) throws IOException {
        Files.writeString(tenantFile(tenant), tenant.tenantFile());
    }

    Path tenantFile(DemoTenant tenant) {
        return root.resolve(tenant.name() + ".yaml");
    }

    Path runDirectory() {
        return root.resolve("run");
    }

    Path simulatedCards() {
        return root.resolve("sim");
    }

    /** Where the tenant's program unpacks native libraries. JCuda unpacks so that programs that do it at once may load half of one. */
    Path temporary(DemoTenant tenant) throws IOException {
        return Files.createDirectories(temporary.resolve(tenant.name()));
    }

    @Override
    public void close() {
        delete();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void delete() {
        delete(root);
        delete(temporary);
    }

    private static void delete(Path root) {
        try (Stream<Path> tree = Files.walk(root)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("sluice: " + root + " could not be removed (" + e.getMessage() + "): remove it");
        }
    }
}
