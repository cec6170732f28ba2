package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Asks the libwrapper, in the environment that the application will have, whether it stands in front of the driver. The
 * loader ignores a preload that it cannot load, and the application would run ungoverned; so this is asked every time.
 */
final class Probe {
    private static final long PATIENCE_SECONDS = 60;

    private final Path program;

    Probe(Path program) {
        this.program = program;
    }

    /**
     * @param user the environment as it is
     * @param added what the application's environment has besides
     * @param forward whether the tenant file lets the application run ungoverned when Sluice fails
     */
    void ask(Map<String, String> user, Map<String, String> added, boolean forward, PrintWriter err)
            throws ControlException {
        ProcessBuilder builder =
                new ProcessBuilder(program.toString()).redirectErrorStream(true).redirectInput(new File("/dev/null"));
        builder.environment().clear();
        builder.environment().putAll(user);
        builder.environment().putAll(added);
        try {
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new ControlException(Reason.OUR_FAULT, program + " does not end");
            }
            judge(process.exitValue(), said, forward, err);
        } catch (IOException e) {
            throw new ControlException(Reason.OUR_FAULT, program + " cannot be started (" + e.getMessage() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Reason.OUR_FAULT, "interrupted while probing", e);
        }
    }

    private void judge(int exitCode, String said, boolean forward, PrintWriter err) throws ControlException {
        if (exitCode == 0) {
            return;
        }
        String sentence = said.replaceFirst("^sluice(-probe)?: ", "");
        if (sentence.isEmpty()) {
            sentence = program + " answered " + exitCode;
        }
        Reason reason = Reason.of(exitCode);
        if (!forward || reason == Reason.NO_DRIVER) {
            throw new ControlException(reason, sentence);
        }
        err.println("sluice: " + sentence);
        err.println("sluice: the tenant file says 'on_failure: forward': the application runs ungoverned");
        err.flush();
    }
}
