package io.sluice.agent.core;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Our own JNA, with the native half that belongs to it. The application's JNA, of whatever version, lives in another
 * class loader with another native half; what is left in common are the system properties with which an application
 * steers its own JNA, so those are ours for the moment in which JNA starts, and then as they were.
 */
final class Jna {
    private Jna() {}

    /** Has the JVM make ready what JNA's first class waits for, in a thread of its own: a third of what JNA takes to start. */
    static void prepare() {
        Threads.daemon("sluice-prepare", Jna::initialise).start();
    }

    private static void initialise() {
        Logger.getLogger("com.sun.jna");
        try {
            Class.forName("java.lang.SecurityManager");
        } catch (ClassNotFoundException e) {
            // A JVM without it: JNA does without it too.
        }
    }

    /** To be called before anything else touches JNA. */
    static void load(NativeFiles files) throws ControlException {
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
            warmUp();
        } catch (UnsatisfiedLinkError e) {
            throw files.notLoadable(files.jna(), e);
        } catch (IllegalCallerException e) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "this JVM forbids native access, and the agent needs it: add --enable-native-access=ALL-UNNAMED",
                    e);
        } finally {
            exchange(before);
        }
    }

    /** Links, in this thread, what calls of the libwrapper will need. */
    private static void warmUp() {
        try (Memory memory = new Memory(Long.BYTES)) {
            NativeLibrary.getProcess().getFunction("strlen").invokeInt(new Object[] {"", memory});
        }
    }

    private static Map<String, @Nullable String> exchange(Map<String, @Nullable String> properties) {
        Map<String, @Nullable String> before = new HashMap<>();
        properties.forEach((name, value) ->
                before.put(name, value == null ? System.clearProperty(name) : System.setProperty(name, value)));
        return before;
    }
}
