package io.sluice.bridge;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A program that does what it is told, a line each, and answers each with a line. */
public final class NativeDriver implements AutoCloseable {
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    public NativeDriver(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        process = builder.start();
        commands = process.outputWriter();
        answers = process.inputReader();
    }

    public String ask(String command) throws IOException {
        commands.write(command);
        commands.newLine();
        commands.flush();
        return String.valueOf(answers.readLine());
    }

    @Override
    public void close() throws IOException {
        commands.close();
        process.onExit().join();
    }
}
