package io.sluice.agent.core;

import com.sun.jna.NativeLibrary;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Our own JNA, with the native half that belongs to it. The application's JNA, of whatever version, lives in another
 * class loader with another native half; what is left in common are the system properties with which an application
 * steers its own JNA, so those are ours for the moment in which JNA starts, and then as they were. Safe for use by several threads.
 */
final class Jna {
    private final FutureTask<Boolean> loading;

    Jna(NativeFiles files) {
        this.loading = new FutureTask<>(() -> {
            load(files);
            return true;
        });
    }

    /** Has a thread of its own load it, which takes about as long as reading a tenant file does. */
    void begin() {
        Threads.daemon("sluice-start", loading).start();
    }

    /** Returns once it is loaded. Nothing may touch JNA before. */
    void require() throws ControlException {
        loading.run(); // nothing, if that has begun
        try {
            loading.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ControlException told) {
                throw told;
            }
            throw new ControlException(Reason.OUR_FAULT, "internal error of the agent (" + e.getCause() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Reason.OUR_FAULT, "interrupted before the application started", e);
        }
    }

    private static void load(NativeFiles files) throws ControlException {
        Map<String, @Nullable String> ours = new HashMap<>();
        ours.put("jna.boot.library.path", files.folder().toString());
        ours.put("jna.boot.library.name", null);
        ours.put("jna.nounpack", "true"); // nothing is unpacked, and no folder made for it in the user's home
        ours.put("jna.noclasspath", "true");
        ours.put("jna.nosys", "true");
        ours.put("jna.platform.library.path", ""); // else JNA starts ldconfig to find folders that we do not ask for
        ours.put("jna.loaded", null); // these two JNA sets
        ours.put("jnidispatch.path", null);
        Map<String, @Nullable String> before = exchange(ours);
        try {
            System.load(files.jna().toString()); // JNA does it too, but keeps to itself what is wrong with the file
            NativeLibrary.getProcess(); // which reads the last of these properties
        } catch (UnsatisfiedLinkError e) {
            throw files.notLoadable(files.jna(), e);
        } finally {
            exchange(before);
        }
    }

    private static Map<String, @Nullable String> exchange(Map<String, @Nullable String> properties) {
        Map<String, @Nullable String> before = new HashMap<>();
        properties.forEach((name, value) ->
                before.put(name, value == null ? System.clearProperty(name) : System.setProperty(name, value)));
        return before;
    }
}
