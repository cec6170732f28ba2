package io.sluice.agent.boot;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code -javaagent} starts: hands over to the agent, which lives in a class loader of its own. Whatever goes wrong
 * here never means that the application runs ungoverned.
 */
public final class SluiceAgent {
    private static final int OLDEST_JAVA = 17;
    private static final int OUR_FAULT = 70;

    /** The argument with which {@code sluice run} adds the agent: the libwrapper governs already, by LD_PRELOAD. */
    private static final String EXPLAIN = "explain";

    private SluiceAgent() {}

    /** Called by the JVM before {@code main}. Ends the JVM, with a documented exit code, if it may not run ungoverned. */
    public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
        try {
            if (javaVersion() < OLDEST_JAVA) {
                giveUp(arguments, "this JVM is Java " + javaVersion() + ", and the agent needs 17 or later");
                return;
            }
            NestedClassLoader.ofJvm(ownJar())
                    .loadClass("io.sluice.agent.core.Agent")
                    .getMethod("start", String.class, Instrumentation.class)
                    .invoke(null, arguments == null ? "" : arguments, instrumentation);
        } catch (InvocationTargetException failure) {
            giveUp(arguments, "internal error (" + failure.getCause() + ")");
        } catch (Throwable failure) {
            giveUp(arguments, "the agent cannot be loaded (" + failure + ")");
        }
    }

    private static void giveUp(@Nullable String arguments, String why) {
        if (EXPLAIN.equals(arguments)) {
            System.err.println("sluice: " + why + ": denials are told without their Java stack");
            return;
        }
        System.err.println("sluice: " + why + ": the application is not started, since nothing would govern it");
        Runtime.getRuntime().halt(OUR_FAULT);
    }

    /** 8 for {@code 1.8}. */
    private static int javaVersion() {
        String version = System.getProperty("java.specification.version", "");
        return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    }

    private static File ownJar() throws Exception {
        return new File(SluiceAgent.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }
}
