package io.sluice.cli;

import io.sluice.policy.tenantfile.Nearest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code sluice}. */
@Command(
        name = "sluice",
        description = "GPU memory quotas for several tenants on one GPU.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            EnvCommand.class,
            ApplyCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            TopCommand.class,
            DoctorCommand.class,
            ForgetCommand.class,
            ExporterCommand.class,
            DemoCommand.class
        },
        footer = {"", "sluice COMMAND --help tells more of a command."})
public final class Main implements Runnable {
    private static final String SLUICE = "sluice";
    private static final String PLAN_RUN = "plan-run";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(execute(out, err, args));
    }

    static int execute(PrintWriter out, PrintWriter err, String... args) {
        try {
            int exitCode = commandLine(args)
                    .setOut(out)
                    .setErr(err)
                    .setExpandAtFiles(false) // a file named @alice.yaml is a file
                    .setUsageHelpWidth(100)
                    .setParameterExceptionHandler(Main::usage)
                    .setExecutionExceptionHandler((failure, command, parsed) -> Failures.report(failure, err))
                    .execute(
                            args.length > 0 && args[0].equals(PLAN_RUN)
                                    ? Arrays.copyOfRange(args, 1, args.length)
                                    : args);
            out.flush();
            return exitCode;
        } catch (Throwable failure) { // an Error: picocli hands only exceptions to its handler
            return Failures.internal(failure, err);
        }
    }

    /** Planning a run stands between a user and the application: the other commands are not even described then. */
    private static CommandLine commandLine(String[] args) {
        if (args.length > 0 && args[0].equals(PLAN_RUN)) {
            return new CommandLine(new PlanRunCommand());
        }
        CommandLine main = new CommandLine(new Main());
        main.getCommandSpec()
                .addOption(OptionSpec.builder("--version")
                        .versionHelp(true)
                        .description("show the version")
                        .build());
        addHelp(main);
        main.getSubcommands().forEach((name, command) -> {
            if (name.equals("run")) {
                command.addMixin("plan", new RunPlan()); // shown and checked here, done by plan-run
            }
            addHelp(command);
        });
        return main;
    }

    private static void addHelp(CommandLine command) {
        command.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("show this help")
                        .build());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command: " + commands(spec.commandLine()));
    }

    private static int usage(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("sluice: " + sentence(failure));
        String name = command.getCommandName();
        err.println("sluice: 'sluice " + (name.equals(SLUICE) ? "" : name + " ") + "--help' tells more");
        err.flush();
        return ExitCode.USAGE;
    }

    private static String sentence(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        if (failure instanceof UnmatchedArgumentException unmatched
                && command.getCommandName().equals(SLUICE)) {
            String word = unmatched.getUnmatched().get(0);
            if (!word.startsWith("-")) {
                return "unknown command '" + word + "'"
                        + Nearest.to(word, names(command))
                                .map(near -> " (did you mean '" + near + "'?)")
                                .orElse("")
                        + ": " + commands(command);
            }
        }
        return String.valueOf(failure.getMessage()).replace("\n", " ");
    }

    private static String commands(CommandLine command) {
        return "commands are " + String.join(", ", names(command));
    }

    private static List<String> names(CommandLine command) {
        return command.getSubcommands().values().stream()
                .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
                .map(CommandLine::getCommandName)
                .toList();
    }
}
