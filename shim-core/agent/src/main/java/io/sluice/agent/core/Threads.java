package io.sluice.agent.core;

/** The agent's own threads. */
final class Threads {
    private Threads() {}

    /** Not started; keeps no JVM alive, and nothing of the application's by its context class loader. */
    static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }
}
