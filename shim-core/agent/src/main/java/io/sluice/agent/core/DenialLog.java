package io.sluice.agent.core;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.NOPMDCAdapter;

/**
 * Writes denials to stderr, each with its stack as one event, in a thread of its own, so that whoever takes stacks is
 * back at that at once. Safe for use by several threads.
 *
 * <p>The Logback behind it is the agent's own and is set up here: no file, property or logger of the application has a
 * part in it. It is started at the first line.
 */
final class DenialLog {
    private final ExecutorService writer =
            Executors.newSingleThreadExecutor(work -> Threads.daemon("sluice-denial-log", work));
    private @Nullable Logger logger; // the writer's alone

    void write(String line, Optional<JavaStacks.Stack> stack) {
        StringBuilder text = new StringBuilder(line);
        stack.ifPresent(taken -> {
            text.append(" thread=\"").append(taken.thread()).append('"');
            taken.frames().forEach(frame -> text.append('\n').append(frame));
        });
        try {
            writer.execute(() -> logger().warn(text.toString()));
        } catch (RejectedExecutionException e) {
            Agent.say(line); // the JVM is ending
        }
    }

    /** Waits for lines that are on their way. */
    void close(Duration patience) throws InterruptedException {
        writer.shutdown();
        boolean ignored = writer.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Logger logger() {
        Logger ready = logger;
        if (ready == null) {
            ready = configure();
            logger = ready;
        }
        return ready;
    }

    private static Logger configure() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new NOPMDCAdapter());
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %level sluice: %msg%n");
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger logger = context.getLogger("sluice");
        logger.addAppender(appender);
        return logger;
    }
}
