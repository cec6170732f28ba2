package io.sluice.cli;

import picocli.CommandLine.Command;

/** What bin/sluice calls for {@code run}: it evaluates the lines that {@code env} prints and becomes the application. */
@Command(
        name = "run",
        description = "",
        footer = {})
final class PlanRunCommand extends EnvCommand {}
