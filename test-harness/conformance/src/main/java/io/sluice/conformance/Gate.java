package io.sluice.conformance;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A host function that holds up its stream until it is opened, so that work behind it is pending for certain. */
public final class Gate implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private static final int SOON_MILLIS = 20;

    private final CountDownLatch opened = new CountDownLatch(1);
    private final HostFunction function = data -> await();
    private volatile boolean gaveUp;

    /** A CUhostFn. */
    public interface HostFunction extends Callback {
        void call(@Nullable Pointer data);
    }

    HostFunction function() {
        return function;
    }

    /** Fails the check if a call in between waited for the work that this holds up. */
    public void open() {
        opened.countDown();
        if (gaveUp) {
            throw new CheckEnded(Verdict.FAIL, "a call that does not synchronise waited for work that was held up");
        }
    }

    /** Opens it while the check waits for what it holds up. */
    public void openSoon() {
        Thread opener = new Thread(
                () -> {
                    try {
                        Thread.sleep(SOON_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    opened.countDown();
                },
                "opener");
        opener.setDaemon(true);
        opener.start();
    }

    /** At the end of a check, however it ended. */
    @Override
    public void close() {
        opened.countDown();
    }

    private void await() {
        try {
            gaveUp = !opened.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
