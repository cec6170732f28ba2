package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTest {
    @TempDir
    Path temp;

    private final StringWriter err = new StringWriter();

    @Test
    void asksInTheApplicationsEnvironment() throws Exception {
        Path seen = temp.resolve("seen");
        Probe probe = probe("env | sort >'" + seen + "'");
        probe.ask(Map.of("KEPT", "1", "CHANGED", "old"), Map.of("CHANGED", "new"), false, new PrintWriter(err));
        assertThat(Files.readAllLines(seen)).contains("KEPT=1", "CHANGED=new").noneMatch(l -> l.startsWith("HOME="));
    }

    @ParameterizedTest
    @CsvSource({"69, NO_DRIVER", "70, OUR_FAULT", "77, NOT_PERMITTED", "139, OUR_FAULT"})
    void failureKeepsTheApplicationFromStarting(int exitCode, Reason reason) throws Exception {
        Probe probe = probe("echo 'sluice: it does not work' >&2; exit " + exitCode);
        ControlException refused = catchThrowableOfType(ControlException.class, () -> ask(probe, false));
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).hasMessage("it does not work");
    }

    @Test
    void silentFailureIsStillASentence() throws Exception {
        Probe probe = probe("exit 3");
        assertThat(catchThrowableOfType(ControlException.class, () -> ask(probe, false)))
                .hasMessageEndingWith("/probe answered 3");
    }

    @Test
    void onFailureForwardTurnsItIntoAWarningButNotWithoutADriver() throws Exception {
        ask(probe("echo 'sluice: it does not work' >&2; exit 70"), true);
        assertThat(err.toString()).startsWith("sluice: it does not work\n").contains("runs ungoverned");

        Probe noDriver = probe("exit 69");
        assertThat(catchThrowableOfType(ControlException.class, () -> ask(noDriver, true))
                        .reason())
                .isEqualTo(Reason.NO_DRIVER);
    }

    private void ask(Probe probe, boolean forward) throws ControlException {
        probe.ask(Map.of("PATH", System.getenv("PATH")), Map.of(), forward, new PrintWriter(err));
    }

    private Probe probe(String script) throws Exception {
        Path program = Files.writeString(temp.resolve("probe"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Probe(program);
    }
}
