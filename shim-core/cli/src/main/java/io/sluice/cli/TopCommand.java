package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What status shows, again and again: on a terminal in place, elsewhere one block after the other. */
@Command(
        name = "top",
        description = {
            "Show who uses the GPUs now: memory, time, waiting, turns.",
            "On a terminal it draws in place until 'q'; into a pipe or file it prints block after block."
        })
final class TopCommand implements Callable<Integer> {
    private static final double SHORTEST_S = 0.1;
    private static final double LONGEST_S = 3600;

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "how long one look covers, 0.1 to 3600; 1 if not given")
    private double seconds = 1;

    @Option(names = "--count", paramLabel = "N", description = "end after so many looks")
    private int count;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (!(seconds >= SHORTEST_S && seconds <= LONGEST_S)) {
            throw new ParameterException(
                    spec.commandLine(), "--interval takes 0.1 to 3600 seconds, and not " + seconds);
        }
        if (count < 0) {
            throw new ParameterException(spec.commandLine(), "--count takes 1 or more, and not " + count);
        }
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> environment = System.getenv();
        RunDirectory run = runDir.resolve(environment);
        Sweeper sweeper =
                new Sweeper(Installation.find(environment), spec.commandLine().getErr());
        Duration interval = Duration.ofNanos((long) (seconds * 1e9));
        Optional<Terminal> terminal = Terminal.open(environment);
        if (terminal.isEmpty()) {
            look(run, sweeper, interval, out);
            return ExitCode.OK;
        }
        try (Terminal drawn = terminal.get()) {
            draw(run, sweeper, interval, drawn);
        }
        return ExitCode.OK;
    }

    private void look(RunDirectory run, Sweeper sweeper, Duration interval, PrintWriter out)
            throws ControlException, IOException, InterruptedException {
        TopLook before = TopLook.now(run, sweeper);
        for (int i = 0; (count == 0 || i < count) && !out.checkError(); i++) {
            Thread.sleep(interval.toMillis());
            TopLook after = TopLook.now(run, sweeper);
            out.print((i == 0 ? "" : "\n") + new TopText(TopText.NARROW, false).of(before, after));
            out.flush();
            before = after;
        }
    }

    private void draw(RunDirectory run, Sweeper sweeper, Duration interval, Terminal terminal)
            throws ControlException, IOException, InterruptedException {
        TopLook before = TopLook.now(run, sweeper);
        TopLook after = before;
        for (int i = 0; ; i++) {
            Terminal.Size size = terminal.size();
            terminal.draw(new TopText(size.columns(), terminal.hasColours()).of(before, after), size);
            if ((count > 0 && i == count) || terminal.awaitsQuit(interval)) {
                return;
            }
            before = after;
            after = TopLook.now(run, sweeper);
        }
    }
}
