package io.sluice.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that something may have changed in the folder of a path: at once where the kernel tells it, which it does for
 * files written in place, renamed over, or, as Kubernetes does, reached through a link that is replaced. What links lead
 * to elsewhere is not told: whoever waits looks again from time to time.
 */
final class FolderWatch implements AutoCloseable {
    /** A writer that pauses for so long is taken to be done. */
    private static final int QUIET_MS = 20;
    /** One that never pauses is not waited for any longer. */
    private static final int LONGEST_NOISE_MS = 500;

    private final Path path;
    private final WatchService service;
    private @Nullable WatchKey key;

    private FolderWatch(Path path, WatchService service) {
        this.path = path;
        this.service = service;
        register();
    }

    static FolderWatch of(Path path) throws IOException {
        return new FolderWatch(
                path.toAbsolutePath().normalize(), path.getFileSystem().newWatchService());
    }

    /** Returns once something has changed and is quiet again, or when the time is over. */
    void await(int mostMs) throws InterruptedException {
        if (key == null) {
            register();
        }
        WatchKey changed = service.poll(mostMs, TimeUnit.MILLISECONDS);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_NOISE_MS);
        while (changed != null) {
            changed.pollEvents();
            if (!changed.reset()) {
                key = null; // the folder is gone
            }
            changed = System.nanoTime() < end ? service.poll(QUIET_MS, TimeUnit.MILLISECONDS) : null;
        }
    }

    private void register() {
        try {
            Path folder = Files.isDirectory(path) ? path : path.getParent();
            key = folder == null
                    ? null
                    : folder.register(
                            service,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException e) {
            key = null; // not there: looked for again at the next wait
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
