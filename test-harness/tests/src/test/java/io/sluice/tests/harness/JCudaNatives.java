package io.sluice.tests.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Unpacks JCuda's native library before all tests, to where JCuda unpacks it if it is not there: it writes the file in place, so
 * that of several programs that start at once for the first time some load half of it and die of SIGBUS.
 */
public final class JCudaNatives implements TestExecutionListener {
    private static final String NAME = "libJCudaDriver-12.6.0-linux-x86_64.so";

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (InputStream library = JCudaNatives.class.getResourceAsStream("/lib/" + NAME)) {
            if (library == null) {
                throw new IllegalStateException("no " + NAME + " on the class path: JCuda has another version");
            }
            Path whole = Files.createTempFile(folder, NAME, "");
            Files.copy(library, whole, StandardCopyOption.REPLACE_EXISTING);
            Files.move(whole, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
