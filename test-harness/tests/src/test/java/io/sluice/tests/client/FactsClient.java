package io.sluice.tests.client;

import java.util.Map;
import java.util.TreeMap;

/** Prints what an application can see of the JVM that it runs in, sorted. */
public final class FactsClient {
    private FactsClient() {}

    public static void main(String[] arguments) {
        Map<String, String> facts = new TreeMap<>();
        System.getProperties().forEach((name, value) -> facts.put("property " + name, String.valueOf(value)));
        System.getenv().forEach((name, value) -> facts.put("variable " + name, value));
        facts.put(
                "context loader",
                String.valueOf(Thread.currentThread().getContextClassLoader().getClass()));
        facts.put("uncaught handler", String.valueOf(Thread.getDefaultUncaughtExceptionHandler()));
        for (String name : new String[] {"com.sun.jna.Native", "org.slf4j.Logger", "io.sluice.agent.core.Agent"}) {
            facts.put("class " + name, canSee(name));
        }
        facts.forEach((name, value) -> System.out.println(name + " = " + value));
    }

    private static String canSee(String name) {
        try {
            Class.forName(name);
            return "seen";
        } catch (ClassNotFoundException e) {
            return "not seen";
        }
    }
}
