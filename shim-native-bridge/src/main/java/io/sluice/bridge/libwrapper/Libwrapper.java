package io.sluice.bridge.libwrapper;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The libwrapper in this very process: what an agent tells it and asks of it, by {@code control.h}. Safe for use by
 * several threads. By JNI, and by nothing that makes the JVM link a lambda: this stands between a user and the start of the
 * application.
 */
public final class Libwrapper {
    private static final int TEXT_BYTES = 512;
    private static final int NOTE_BYTES = 512;
    private static final Libwrapper ONE = new Libwrapper();

    /** Paths reach the loader as the file system spells them. */
    private static final Charset SPELLING = spelling();

    private Libwrapper() {}

    /**
     * The library by which all else here is called. To be called first.
     *
     * @param bridge the absolute path of {@code libsluice-jni.so}
     * @throws UnsatisfiedLinkError if it cannot be loaded
     * @throws IllegalCallerException if this JVM forbids native access
     */
    public static void bridge(Path bridge) {
        System.load(bridge.toString());
    }

    /** The one that {@code LD_PRELOAD} put into this process; empty where there is none. */
    public static Optional<Libwrapper> preloaded() {
        return LibwrapperCalls.find() ? Optional.of(ONE) : Optional.empty();
    }

    /**
     * Loads the library into this process, for as long as that lives.
     *
     * @param library an absolute path
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static Libwrapper load(Path library) {
        byte[] wrong = LibwrapperCalls.open(bytes(library.toString()));
        if (wrong != null) {
            throw new UnsatisfiedLinkError(new String(wrong, SPELLING));
        }
        return ONE;
    }

    /**
     * Goes before the environment from now on. To be called before the first CUDA call of the process.
     *
     * @param driver an absolute path; empty leaves it to the environment and the usual search
     * @throws IllegalStateException if there is no memory for it
     */
    public void configure(String tenant, Path runDirectory, Optional<Path> driver, String onFailure) {
        byte[] text = new byte[TEXT_BYTES];
        int result = LibwrapperCalls.configure(
                bytes(tenant),
                bytes(runDirectory.toString()),
                driver.isPresent() ? bytes(driver.get().toString()) : null,
                bytes(onFailure),
                text);
        require(result, text);
    }

    /**
     * Makes this the library that everybody in the process gets who asks the loader for {@code libcuda.so.1} or
     * {@code libcuda.so}.
     *
     * @param alias the absolute path of the alias {@code libcuda.so}
     * @throws IllegalStateException if another library got there first; the message names it
     */
    public void takeHold(Path alias) {
        byte[] text = new byte[TEXT_BYTES];
        require(LibwrapperCalls.takeHold(bytes(alias.toString()), text), text);
    }

    /**
     * Whether this process can join its tenant and reach a driver.
     *
     * @param exitCode 0, or the documented one
     * @param text the driver's path, or the sentence that says what is wrong
     */
    public record Probe(int exitCode, String text) {}

    /** Loads the driver; joins nothing. */
    public Probe probe() {
        byte[] text = new byte[TEXT_BYTES];
        int exitCode = LibwrapperCalls.probe(text);
        return new Probe(exitCode, string(text, 0));
    }

    /** Whether somebody in this process explains denials; the numbers are those of {@code enum sluice_listening}. */
    public enum Listening {
        NOBODY(0),
        /** Soon: the first denials wait up to half a second for it. */
        PREPARES(1),
        READY(2);

        private final int number;

        Listening(int number) {
            this.number = number;
        }
    }

    /** From now on denied threads wait for the listener, or with {@code NOBODY} do not. */
    public void listen(Listening listening) {
        LibwrapperCalls.listen(listening.number);
    }

    /**
     * What a listener is told.
     *
     * @param kind the other fields are of a denial alone
     * @param ticket to answer it with
     * @param thread the OS thread that was denied, and waits
     * @param text the line that explains it
     */
    public record News(Kind kind, int ticket, int thread, String text) {
        /** What happened, if anything. */
        public enum Kind {
            NONE,
            DENIAL,
            /** The process has made its first CUDA call. */
            CUDA_BEGINS,
            /** Nobody listens any more. */
            END;

            /** By its number in {@code enum sluice_news}. */
            private static Kind of(int number) {
                return switch (number) {
                    case 1 -> DENIAL;
                    case 2 -> CUDA_BEGINS;
                    case 3 -> END;
                    default -> NONE;
                };
            }
        }
    }

    /** Waits for news in native code, where a thread is in no garbage collector's way. One thread at a time. */
    public News awaitNews(Duration patience) {
        byte[] note = new byte[NOTE_BYTES];
        News.Kind kind = News.Kind.of(LibwrapperCalls.nextDenial(note, (int) patience.toMillis()));
        ByteBuffer numbers = ByteBuffer.wrap(note).order(ByteOrder.nativeOrder());
        return kind == News.Kind.DENIAL
                ? new News(kind, numbers.getInt(0), numbers.getInt(4), string(note, 8))
                : new News(kind, 0, 0, "");
    }

    /**
     * Lets a denied thread go.
     *
     * @return whether it has waited until now, so that a stack taken before is that of the denial
     */
    public boolean answer(News denial) {
        return LibwrapperCalls.answerDenial(denial.ticket) == 1;
    }

    private static Charset spelling() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalArgumentException e) {
            return Charset.defaultCharset();
        }
    }

    private static byte[] bytes(String string) {
        return string.getBytes(SPELLING);
    }

    private static String string(byte[] bytes, int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, end - start, SPELLING);
    }

    private static void require(int result, byte[] text) {
        if (result != 0) {
            throw new IllegalStateException(string(text, 0));
        }
    }
}
