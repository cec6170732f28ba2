package io.sluice.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Runs checks in worker processes. A worker that dies or hangs fails the check it was at; the rest go on in a new one. */
final class Supervisor {
    private static final int PATIENCE_SECONDS = 60;
    private static final String END = "";

    private final Jvm jvm;
    private final Consumer<Outcome> told;

    Supervisor(Jvm jvm, Consumer<Outcome> told) {
        this.jvm = jvm;
        this.told = told;
    }

    /** Outcomes are told in the order of the checks' processes, within each in the order of the checks. */
    void run(Collection<Check> checks) throws IOException, InterruptedException {
        Map<String, List<Check>> byProcess = checks.stream()
                .collect(Collectors.groupingBy(
                        check -> check.place().process(), LinkedHashMap::new, Collectors.toList()));
        for (List<Check> together : byProcess.values()) {
            Deque<Check> remaining = new ArrayDeque<>(together);
            while (!remaining.isEmpty()) {
                runSome(remaining);
            }
        }
    }

    /** One worker: takes away the checks that it ended, one at least. */
    private void runSome(Deque<Check> remaining) throws IOException, InterruptedException {
        Process process = jvm.start(Worker.class, List.of());
        try {
            BlockingQueue<String> lines = linesOf(process);
            send(process, remaining);
            int size = remaining.size();
            boolean begun = false;
            while (!remaining.isEmpty()) {
                String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (line == null || line.equals(END)) {
                    if (!begun && remaining.size() == size) {
                        throw new IOException("a worker process did not come to its first check");
                    }
                    if (begun) {
                        died(remaining.removeFirst(), line == null);
                    }
                    return;
                }
                if (line.startsWith(Worker.BEGINS)) {
                    begun = true;
                } else if (line.startsWith(Worker.ENDED)) {
                    told.accept(outcome(remaining.removeFirst(), line.substring(Worker.ENDED.length())));
                    begun = false;
                }
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void died(Check check, boolean hung) {
        String detail = hung ? "did not end within " + PATIENCE_SECONDS + " s" : "the process died of it";
        told.accept(new Outcome(check, Verdict.FAIL, detail));
    }

    private static Outcome outcome(Check check, String ended) {
        int space = ended.indexOf(' ');
        return new Outcome(check, Verdict.valueOf(ended.substring(0, space)), ended.substring(space + 1));
    }

    private static void send(Process process, Collection<Check> checks) throws IOException {
        try (var ids = process.outputWriter()) {
            for (Check check : checks) {
                ids.write(check.id() + "\n");
            }
        }
    }

    private static BlockingQueue<String> linesOf(Process process) {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(process.inputReader(), lines), "worker's output");
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    private static void read(BufferedReader output, BlockingQueue<String> lines) {
        try (output) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!line.isEmpty()) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            // The worker was ended; its last line has been read.
        }
        lines.add(END);
    }
}
