package io.sluice.simulator.ptx;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The interpreter in a process of its own, by way of ptx_run.c; built on first use, plain and with sanitizers. */
final class Interpreter {
    static final Interpreter PLAIN = new Interpreter("plain", "-O2");
    static final Interpreter SANITIZED =
            new Interpreter("sanitized", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all");

    /** enum ptx_status. */
    enum Status {
        OK,
        INVALID,
        UNSUPPORTED,
        ILLEGAL_ADDRESS,
        MISALIGNED,
        ILLEGAL_INSTRUCTION,
        OUT_OF_MEMORY,
        INVALID_LAUNCH,
        CANCELLED,
        ASSERTED,
        STACK_OVERFLOW,
        TOO_NEW,
        UNRESOLVED
    }

    record Launch(String kernel, String grid, String block, int sharedBytes, List<String> arguments) {
        static Launch of(String kernel, int threads, Object... arguments) {
            return new Launch(
                    kernel,
                    "1",
                    Integer.toString(threads),
                    0,
                    Stream.of(arguments).map(Object::toString).toList());
        }

        Launch withGrid(String blocks) {
            return new Launch(kernel, blocks, block, sharedBytes, arguments);
        }

        Launch withBlock(String threads) {
            return new Launch(kernel, grid, threads, sharedBytes, arguments);
        }

        Launch withShared(int bytes) {
            return new Launch(kernel, grid, block, bytes, arguments);
        }
    }

    /** How a run ended, and the buffer as it left it. */
    static final class Result {
        private final Status status;
        private final byte[] buffer;
        private final String message;

        private Result(Status status, byte[] buffer, String message) {
            this.status = status;
            this.buffer = buffer;
            this.message = message;
        }

        Status status() {
            return status;
        }

        byte[] buffer() {
            return buffer;
        }

        String message() {
            return message;
        }
    }

    private final String name;
    private final List<String> flags;
    private final CompletableFuture<Path> program;

    private Interpreter(String name, String... flags) {
        this.name = name;
        this.flags = List.of(flags);
        this.program = CompletableFuture.supplyAsync(this::build);
    }

    Result run(String ptx, Launch launch, byte[] buffer) {
        return run(ptx.getBytes(UTF_8), launch, buffer, Map.of());
    }

    Result run(byte[] ptx, Launch launch, byte[] buffer, Map<String, String> environment) {
        try {
            Path file = Files.createTempFile("sluice-", ".ptx");
            try {
                Files.write(file, ptx);
                return execute(command(file, launch), buffer, environment);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(Path file, Launch launch) {
        List<String> command = new ArrayList<>(List.of(program.join().toString(), file.toString()));
        command.addAll(List.of(launch.kernel(), launch.grid(), launch.block(), Integer.toString(launch.sharedBytes())));
        command.addAll(launch.arguments());
        return command;
    }

    private static Result execute(List<String> command, byte[] input, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().put("ASAN_OPTIONS", "detect_leaks=1:halt_on_error=1");
        Process process = builder.start();
        CompletableFuture<String> message = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
        CompletableFuture<Void> fed = CompletableFuture.runAsync(() -> feed(process.getOutputStream(), input));
        byte[] output = process.getInputStream().readAllBytes();
        fed.join();
        String text = message.join();
        int code = process.onExit().join().exitValue();
        if (code >= Status.values().length || text.contains("Sanitizer") || text.contains("runtime error")) {
            throw new AssertionError("ptx_run ended with " + code + ": " + text);
        }
        return new Result(Status.values()[code], output, text.strip());
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void feed(OutputStream stream, byte[] input) {
        try (stream) {
            stream.write(input);
        } catch (IOException e) {
            // The program ended without reading: its exit code tells why.
        }
    }

    private Path build() {
        try {
            Path sources = Path.of(System.getProperty("sluice.home", "../..")).resolve("test-harness/simulator/src");
            Path out = sources.resolve("../target/ptx-test").normalize();
            Files.createDirectories(out);
            Path built = out.resolve("ptx_run-" + name);
            List<Path> inputs = inputs(sources);
            if (Files.exists(built) && newest(inputs).compareTo(Files.getLastModifiedTime(built)) < 0) return built;
            List<String> command = new ArrayList<>(
                    List.of("gcc", "-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"));
            command.addAll(flags);
            inputs.stream()
                    .map(Path::toString)
                    .filter(input -> input.endsWith(".c"))
                    .forEach(command::add);
            command.addAll(List.of("-o", built.toString(), "-lm", "-lpthread"));
            Process compiler =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = read(compiler.getInputStream());
            if (compiler.onExit().join().exitValue() != 0) throw new AssertionError("gcc failed: " + said);
            return built;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> inputs(Path sources) throws IOException {
        try (Stream<Path> files = Files.list(sources.resolve("main/c/ptx"))) {
            return Stream.concat(files, Stream.of(sources.resolve("test/c/ptx_run.c")))
                    .sorted()
                    .toList();
        }
    }

    private static FileTime newest(List<Path> files) throws IOException {
        FileTime newest = FileTime.fromMillis(0);
        for (Path file : files) {
            FileTime time = Files.getLastModifiedTime(file);
            if (time.compareTo(newest) > 0) newest = time;
        }
        return newest;
    }
}
