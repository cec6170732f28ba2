package io.sluice.agent.core;

import io.sluice.bridge.libwrapper.Libwrapper;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.tenantfile.OnFailure;
import io.sluice.policy.tenantfile.Problem;
import io.sluice.policy.tenantfile.TenantFileException;
import java.lang.instrument.Instrumentation;
import java.util.Optional;

/**
 * The agent. Before {@code main} it either sees to it that the application is governed, or ends the JVM as the tenant's
 * {@code on_failure} says; an exception never means that calls pass ungoverned.
 */
public final class Agent {
    private static final int USAGE = 64;

    private Agent() {}

    /** Called by the class that the manifest names, before {@code main} and in its thread. */
    public static void start(String arguments, Instrumentation instrumentation) {
        AgentOptions options;
        try {
            options = AgentOptions.parse(arguments);
        } catch (AgentOptions.WrongOption wrong) {
            say(String.valueOf(wrong.getMessage()));
            Runtime.getRuntime().halt(USAGE);
            return;
        }
        if (options.explainsOnly()) {
            explain(options, instrumentation);
        } else {
            govern(new Governor(options), instrumentation);
        }
    }

    /** Nothing that goes wrong here is worth more than a line: the libwrapper governs with the agent or without. */
    private static void explain(AgentOptions options, Instrumentation instrumentation) {
        try {
            NativeFiles.unpack(options.natives()).loadBridge();
            Optional<Libwrapper> libwrapper = Libwrapper.preloaded();
            if (libwrapper.isPresent()) {
                DenialWatch.start(libwrapper.get(), instrumentation);
            } else {
                say("this JVM was started under 'sluice run', but LD_PRELOAD does not name the libwrapper any more:"
                        + " its CUDA calls are not governed");
            }
        } catch (ControlException | RuntimeException | LinkageError e) {
            say("denials are told without their Java stack: " + e.getMessage());
        }
    }

    private static void govern(Governor governor, Instrumentation instrumentation) {
        try {
            DenialWatch.start(governor.govern(), instrumentation);
            if (governor.alone()) {
                say("tenant=" + governor.tenant()
                        + " is governed by the agent alone: a library that opens the driver by an"
                        + " absolute path, or with dlmopen, goes around it; 'sluice run' catches that too");
            }
        } catch (TenantFileException wrong) {
            for (Problem problem : wrong.problems()) {
                say(problem.toString());
            }
            end(Reason.TENANT_FILE);
        } catch (ControlException told) {
            say(String.valueOf(told.getMessage()));
            endUnlessForwarded(told.reason(), governor.onFailure());
        } catch (RuntimeException | LinkageError unexpected) {
            say("internal error of the agent (" + unexpected + ")");
            endUnlessForwarded(Reason.OUR_FAULT, governor.onFailure());
        }
    }

    private static void endUnlessForwarded(Reason reason, OnFailure onFailure) {
        if (onFailure == OnFailure.DENY || reason == Reason.NO_DRIVER) {
            end(reason);
        }
        say("the tenant file says 'on_failure: forward': the application runs ungoverned");
    }

    /** Without the application's shutdown hooks: it has not started. */
    private static void end(Reason reason) {
        Runtime.getRuntime().halt(reason.exitCode());
    }

    static void say(String line) {
        System.err.println("sluice: " + line);
    }
}
