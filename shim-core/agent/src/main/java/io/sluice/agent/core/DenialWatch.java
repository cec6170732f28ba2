package io.sluice.agent.core;

import io.sluice.bridge.libwrapper.Libwrapper;
import io.sluice.bridge.libwrapper.Libwrapper.Listening;
import io.sluice.bridge.libwrapper.Libwrapper.News;
import java.lang.instrument.Instrumentation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The thread that waits for denials, in native code: it takes the Java stack of the thread that was denied, which waits
 * for that, lets it go, and has the line written by another thread. No CUDA call ever enters Java for it.
 */
final class DenialWatch implements Runnable {
    private static final Duration LONG = Duration.ofHours(24);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final AtomicBoolean STARTED = new AtomicBoolean();

    private final Libwrapper libwrapper;
    private final Instrumentation instrumentation;
    private volatile @Nullable DenialLog log; // of the first denial: the start of an application does not wait for it
    private Optional<JavaStacks> stacks = Optional.empty();

    private DenialWatch(Libwrapper libwrapper, Instrumentation instrumentation) {
        this.libwrapper = libwrapper;
        this.instrumentation = instrumentation;
    }

    /** Does nothing where the JVM has one: its command line may name the agent too that {@code sluice run} has added. */
    static void start(Libwrapper libwrapper, Instrumentation instrumentation) {
        if (STARTED.getAndSet(true)) {
            return;
        }
        DenialWatch watch = new DenialWatch(libwrapper, instrumentation);
        libwrapper.listen(Listening.PREPARES);
        Thread thread = Threads.daemon("sluice-denials", watch);
        Runtime.getRuntime().addShutdownHook(Threads.daemon("sluice-shutdown", () -> watch.stop(thread)));
        thread.start();
    }

    @Override
    public void run() {
        News news = libwrapper.awaitNews(LONG);
        while (news.kind() != News.Kind.END) {
            switch (news.kind()) {
                case CUDA_BEGINS -> prepare();
                case DENIAL -> explain(news);
                default -> {
                    // nothing in a day
                }
            }
            news = libwrapper.awaitNews(LONG);
        }
    }

    /** Not before the first CUDA call: a JVM that makes none does not pay for it. */
    private void prepare() {
        stacks = JavaStacks.prepare(instrumentation);
        libwrapper.listen(Listening.READY);
    }

    private void explain(News denial) {
        Optional<JavaStacks.Dump> dump = stacks.map(JavaStacks::dump);
        boolean waited = libwrapper.answer(denial);
        log().write(denial.text(), waited ? dump.flatMap(all -> all.of(denial.thread())) : Optional.empty());
    }

    private DenialLog log() {
        DenialLog ready = log;
        if (ready == null) {
            ready = new DenialLog();
            log = ready;
        }
        return ready;
    }

    /** The JVM ends: nobody waits for us any more, and what was denied last is still told. */
    private void stop(Thread thread) {
        libwrapper.listen(Listening.NOBODY);
        try {
            thread.join(LAST_WORDS.toMillis());
            DenialLog written = log;
            if (written != null) {
                written.close(LAST_WORDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
