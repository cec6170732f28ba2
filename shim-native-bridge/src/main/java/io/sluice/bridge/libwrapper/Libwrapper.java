package io.sluice.bridge.libwrapper;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The libwrapper in this very process: what an agent tells it and asks of it, by {@code control.h}. Safe for use by
 * several threads. Functions are called one by one instead of through a JNA interface: this stands between a user and
 * the start of the application, and an interface's proxy costs more than all these calls.
 */
public final class Libwrapper {
    private static final int TEXT_BYTES = 512;
    private static final int NOTE_BYTES = 512;
    private static final String PRESENCE = "sluice_control_probe";

    private final NativeLibrary library;

    private Libwrapper(NativeLibrary library) {
        this.library = library;
    }

    /** The one that {@code LD_PRELOAD} put into this process; empty where there is none. */
    public static Optional<Libwrapper> preloaded() {
        NativeLibrary process = NativeLibrary.getInstance(null, options());
        try {
            process.getFunction(PRESENCE);
            return Optional.of(new Libwrapper(process));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    /**
     * Loads the library into this process, for as long as that lives.
     *
     * @param library an absolute path
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static Libwrapper load(Path library) {
        return new Libwrapper(NativeLibrary.getInstance(library.toString(), options()));
    }

    /** Paths reach the loader as the file system spells them, whatever the application has JNA use for its strings. */
    private static Map<String, Object> options() {
        return Map.of(Library.OPTION_STRING_ENCODING, System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    /**
     * Goes before the environment from now on. To be called before the first CUDA call of the process.
     *
     * @param driver an absolute path; empty leaves it to the environment and the usual search
     * @throws IllegalStateException if there is no memory for it
     */
    public void configure(String tenant, Path runDirectory, Optional<Path> driver, String onFailure) {
        try (Memory text = new Memory(TEXT_BYTES)) {
            int result = call(
                    "sluice_control_configure",
                    tenant,
                    runDirectory.toString(),
                    driver.map(Path::toString).orElse(null),
                    onFailure,
                    text);
            require(result, text);
        }
    }

    /**
     * Makes this the library that everybody in the process gets who asks the loader for {@code libcuda.so.1} or
     * {@code libcuda.so}.
     *
     * @param alias the absolute path of the alias {@code libcuda.so}
     * @throws IllegalStateException if another library got there first; the message names it
     */
    public void takeHold(Path alias) {
        try (Memory text = new Memory(TEXT_BYTES)) {
            require(call("sluice_control_take_hold", alias.toString(), text), text);
        }
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
        try (Memory text = new Memory(TEXT_BYTES)) {
            int exitCode = call(PRESENCE, text);
            return new Probe(exitCode, text.getString(0));
        }
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
        call("sluice_control_listen", listening.number);
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
        try (Memory note = new Memory(NOTE_BYTES)) {
            News.Kind kind = News.Kind.of(call("sluice_control_next_denial", note, (int) patience.toMillis()));
            return kind == News.Kind.DENIAL
                    ? new News(kind, note.getInt(0), note.getInt(4), note.getString(8))
                    : new News(kind, 0, 0, "");
        }
    }

    /**
     * Lets a denied thread go.
     *
     * @return whether it has waited until now, so that a stack taken before is that of the denial
     */
    public boolean answer(News denial) {
        return call("sluice_control_answer_denial", denial.ticket) == 1;
    }

    private int call(String function, @Nullable Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }

    private static void require(int result, Memory text) {
        if (result != 0) {
            throw new IllegalStateException(text.getString(0));
        }
    }
}
