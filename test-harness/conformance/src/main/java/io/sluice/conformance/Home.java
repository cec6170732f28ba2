package io.sluice.conformance;

import com.sun.jna.Pointer;

/** The primary context of device 0, alone on the thread's stack: where most checks start, and what they are brought back to. */
final class Home {
    private static final int MOST_CONTEXTS = 100;

    private final Pointer context;

    private Home(Pointer context) {
        this.context = context;
    }

    /** Initialises the driver, which may be initialised already. */
    static Home open(Trial trial) {
        trial.ok("cuInit", 0);
        Home home = new Home(trial.handleFrom("cuDevicePrimaryCtxRetain", trial.device()));
        trial.ok("cuCtxSetCurrent", home.context);
        return home;
    }

    /** Whatever a check left on the stack goes; what is pending is waited for. Returns the result of that. */
    int restore(Trial trial) {
        for (int i = 0; trial.current() != null; i++) {
            trial.that(i < MOST_CONTEXTS, "the thread's stack of contexts does not become empty");
            trial.put("cuCtxPopCurrent");
        }
        trial.ok("cuCtxPushCurrent", context);
        return trial.call("cuCtxSynchronize");
    }
}
