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

    /** Whether nothing is wrong. What is, {@link #ask} says. */
    boolean finds(Map<String, String> user, Map<String, String> added) throws ControlException {
        return answer(user, added).exitCode() == 0;
    }

    /**
     * @param user the environment as it is
     * @param added what the application's environment has besides
     * @param forward whether the tenant file lets the application run ungoverned when Sluice fails
     */
    void ask(Map<String, String> user, Map<String, String> added, boolean forward, PrintWriter err)
            throws ControlException {
        judge(answer(user, added), forward, err);
    }

    private record Answer(int exitCode, String said) {}

    private Answer answer(Map<String, String> user, Map<String, String> added) throws ControlException {
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
            return new Answer(process.exitValue(), said);
        } catch (IOException e) {
            throw new ControlException(Reason.OUR_FAULT, program + " cannot be started (" + e.getMessage() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Reason.OUR_FAULT, "interrupted while probing", e);
        }
    }

    private void judge(Answer answer, boolean forward, PrintWriter err) throws ControlException {
        int exitCode = answer.exitCode();
        if (exitCode == 0) {
            return;
        }
        String sentence = answer.said().replaceFirst("^sluice(-probe)?: ", "");
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
