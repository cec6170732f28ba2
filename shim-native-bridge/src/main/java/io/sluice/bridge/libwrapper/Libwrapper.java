package io.sluice.bridge.libwrapper;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
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

    private int call(String function, @Nullable Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }

    private static void require(int result, Memory text) {
        if (result != 0) {
            throw new IllegalStateException(text.getString(0));
        }
    }
}
