package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.ProbeProgram;
import io.sluice.control.ProbeProgram.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Asks the libwrapper, in the environment that the application will have, whether it stands in front of the driver. The
 * loader ignores a preload that it cannot load, and the application would run ungoverned; so this is asked every time.
 */
final class Probe {
    private final ProbeProgram program;

    Probe(Path program) {
        this.program = new ProbeProgram(program);
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

    private Answer answer(Map<String, String> user, Map<String, String> added) throws ControlException {
        Map<String, String> environment = new HashMap<>(user);
        environment.putAll(added);
        try {
            return program.run(environment);
        } catch (IOException e) {
            throw new ControlException(
                    Reason.OUR_FAULT, program.path() + " cannot be started (" + e.getMessage() + ")", e);
        } catch (TimeoutException e) {
            throw new ControlException(Reason.OUR_FAULT, program.path() + " does not end", e);
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
        String sentence = answer.text().replaceFirst("^sluice(-probe)?: ", "");
        if (sentence.isEmpty()) {
            sentence = program.path() + " answered " + exitCode;
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
