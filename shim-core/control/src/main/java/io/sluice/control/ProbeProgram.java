package io.sluice.control;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The program {@code sluice-probe}, which is started as an application would be and tells what became of the libwrapper. */
public record ProbeProgram(Path path) {
    private static final long PATIENCE_SECONDS = 60;

    /**
     * What it left.
     *
     * @param text all that it, and the loader, said
     */
    public record Answer(int exitCode, String text) {}

    /**
     * @param environment all of it
     * @throws IOException if it cannot be started
     * @throws TimeoutException if it does not end
     */
    public Answer run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException, TimeoutException {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null"));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new TimeoutException("it does not end");
        }
        return new Answer(process.exitValue(), text);
    }
}
