package io.sluice.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs what has no end of its own: SIGTERM and SIGINT interrupt it, and the exit code is then 0. */
final class UntilStopped {
    private static final int PATIENCE_SECONDS = 5;

    private UntilStopped() {}

    /** What is interrupted; it may take a few seconds to put things in order. */
    interface Work {
        int run() throws Exception;
    }

    static int run(Work work) throws Exception {
        Thread worker = Thread.currentThread();
        AtomicBoolean stopped = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stopped.set(true);
                    worker.interrupt();
                    awaitEnd(ended);
                    Runtime.getRuntime().halt(ExitCode.OK); // exit() would answer with the signal's number
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.run();
        } catch (InterruptedException e) {
            return ExitCode.OK;
        } finally {
            ended.countDown();
            if (!stopped.get()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private static void awaitEnd(CountDownLatch ended) {
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println(
                        "sluice: did not come to an end in " + PATIENCE_SECONDS + " s: stopped all the same");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
