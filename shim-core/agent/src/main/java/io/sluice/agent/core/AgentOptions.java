package io.sluice.agent.core;

import io.sluice.policy.tenantfile.Nearest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What stands after {@code -javaagent:sluice-agent.jar=}: {@code name=value} or a bare name, separated by commas.
 *
 * @param tenant a tenant file, or the name of a tenant; empty with {@code explain} only
 * @param runDirectory instead of the usual one
 * @param driver instead of the one that would be found
 * @param natives the folder in which the native libraries are unpacked, instead of one in {@code java.io.tmpdir}
 * @param simulated whether to use the simulated GPU
 */
record AgentOptions(
        String tenant, Optional<Path> runDirectory, Optional<Path> driver, Optional<Path> natives, boolean simulated) {
    private static final List<String> NAMES = List.of("tenant", "run-dir", "driver", "natives", "sim", "explain");
    private static final String EXAMPLE = "-javaagent:sluice-agent.jar=tenant=alice.yaml";

    /** An option that is wrong; the message is a sentence. */
    static final class WrongOption extends Exception {
        WrongOption(String message) {
            super(message);
        }
    }

    static AgentOptions parse(String arguments) throws WrongOption {
        String tenant = "";
        Optional<Path> runDirectory = Optional.empty();
        Optional<Path> driver = Optional.empty();
        Optional<Path> natives = Optional.empty();
        boolean simulated = false;
        boolean explain = false;
        for (String argument : arguments.isEmpty() ? List.<String>of() : List.of(arguments.split(",", -1))) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            switch (name) {
                case "tenant" -> tenant = value(name, argument);
                case "run-dir" -> runDirectory = Optional.of(path(name, argument));
                case "driver" -> driver = Optional.of(path(name, argument));
                case "natives" -> natives = Optional.of(path(name, argument));
                case "sim" -> simulated = flag(name, argument);
                case "explain" -> explain = flag(name, argument);
                default -> throw unknown(name);
            }
        }
        if (tenant.isEmpty() && !explain) {
            throw new WrongOption("the agent is not told which tenant this is: write " + EXAMPLE);
        }
        if (simulated && driver.isPresent()) {
            throw new WrongOption("the agent's options 'sim' and 'driver' exclude each other: leave one out");
        }
        return new AgentOptions(tenant, runDirectory, driver, natives, simulated);
    }

    /** The libwrapper governs already, as {@code sluice run} has it: all that is left is to explain denials. */
    boolean explainsOnly() {
        return tenant.isEmpty();
    }

    private static String value(String name, String argument) throws WrongOption {
        String value = argument.substring(Math.min(argument.length(), name.length() + 1));
        if (value.isEmpty()) {
            throw new WrongOption("the agent's option '" + name + "' has no value: write " + name + "=…");
        }
        return value;
    }

    private static Path path(String name, String argument) throws WrongOption {
        String value = value(name, argument);
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new WrongOption("the agent's option '" + name + "' is no path: '" + value + "'");
        }
    }

    private static boolean flag(String name, String argument) throws WrongOption {
        if (argument.length() > name.length()) {
            throw new WrongOption("the agent's option '" + name + "' takes no value: write " + name);
        }
        return true;
    }

    private static WrongOption unknown(String name) {
        return new WrongOption("the agent has no option '" + name + "'"
                + Nearest.to(name, NAMES)
                        .map(near -> " (did you mean '" + near + "'?)")
                        .orElse("")
                + ": options are tenant=FILE|NAME, run-dir=DIR, driver=PATH, natives=DIR and sim, separated by commas");
    }
}
