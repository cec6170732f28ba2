package io.sluice.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the suite: see docs/conformance.md. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Puts a CUDA driver to the statements of NVIDIA's documentation.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing failed",
            "1:a check failed",
            "64:usage",
            "69:no driver, or no GPU",
            "70:the suite's own fault"
        })
public final class Main implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int USAGE = 64;
    private static final int NO_DRIVER = 69;
    private static final int OUR_FAULT = 70;

    @Option(
            names = "--driver",
            paramLabel = "LIBRARY",
            defaultValue = "libcuda.so.1",
            description = "path of the driver, or a name that the loader finds (default: ${DEFAULT-VALUE})")
    private String driver = "libcuda.so.1";

    @Option(
            names = "--only",
            paramLabel = "PATTERN",
            defaultValue = "*",
            description = "only checks whose id matches; * stands for anything, such as 'cuStream*' or '*/null*'")
    private String only = "*";

    @Option(names = "--json", paramLabel = "FILE", description = "writes all outcomes there as well")
    private @Nullable Path json;

    @Option(names = "--list", description = "prints the checks and runs none")
    private boolean list;

    @Option(names = "--summary", description = "prints only what did not pass, and the summary")
    private boolean summaryOnly;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setExecutionExceptionHandler((exception, command, parsed) -> {
                    System.err.println("conformance: " + exception.getMessage());
                    return OUR_FAULT;
                })
                .setParameterExceptionHandler(Main::usageError)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Check> chosen = chosen();
        if (list) {
            chosen.forEach(check ->
                    System.out.println(check.id() + "  [" + check.section().title() + "] " + check.statement()));
            return 0;
        }
        String unusable = DriverProbe.whyUnusable(driver);
        if (!unusable.isEmpty()) {
            System.err.println("conformance: " + unusable);
            return NO_DRIVER;
        }
        return run(chosen);
    }

    private List<Check> chosen() {
        List<Check> chosen = Suite.whole().matching(only);
        if (chosen.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no check's id matches '" + only + "': --list shows all");
        }
        return chosen;
    }

    private int run(List<Check> chosen) throws IOException, InterruptedException {
        PrintStream out = System.out;
        List<Outcome> outcomes = new ArrayList<>();
        new Supervisor(new Jvm(driver, Map.of()), outcome -> {
                    outcomes.add(outcome);
                    if (!summaryOnly || outcome.verdict() != Verdict.PASS) {
                        out.println(outcome.line());
                    }
                })
                .run(chosen);
        Report report = new Report(outcomes);
        out.print(report.summary());
        if (json != null) {
            report.writeJson(json);
        }
        return report.count(Verdict.FAIL) == 0 ? 0 : FAILED;
    }

    private static int usageError(ParameterException exception, String[] arguments) {
        System.err.println("conformance: " + exception.getMessage() + "; see --help");
        return USAGE;
    }
}
