package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_CONTEXT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.PRIMARY_CONTEXT_ACTIVE;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** The context that all users of a device in a process share. */
final class PrimaryContextChecks {
    private static final int SCHED_YIELD = 2;
    private static final int SCHED_BLOCKING_SYNC = 4;

    private PrimaryContextChecks() {}

    static void declare(Suite suite) {
        Group shared = suite.section(Section.PRIMARY_CONTEXTS);
        shared.check("cuDevicePrimaryCtxRetain/same", "each call gives the same context", trial -> {
                    Pointer first = retained(trial);
                    trial.that(first.equals(retained(trial)), "two calls gave two contexts");
                })
                .check("cuDevicePrimaryCtxRetain/not-current", "does not make the context current", trial -> {
                    trial.ok("cuCtxSetCurrent", NULL);
                    retained(trial);
                    trial.that(trial.current() == null, "a context is current");
                })
                .answers(INVALID_VALUE, "cuDevicePrimaryCtxRetain/null", "the place must not be NULL", NULL, 0)
                .answers(INVALID_DEVICE, "cuDevicePrimaryCtxRetain/no-device", "-1 is no device", OUT, -1)
                .check("cuDevicePrimaryCtxGetState/active", "a retained context is active", trial -> {
                    trial.equal(1, active(trial), "active");
                })
                .answers(INVALID_DEVICE, "cuDevicePrimaryCtxGetState/no-device", "-1 is no device", -1, OUT, OUT)
                .answers(INVALID_VALUE, "cuDevicePrimaryCtxGetState/null", "places must not be NULL", 0, NULL, NULL)
                .answers(INVALID_DEVICE, "cuDevicePrimaryCtxRelease/no-device", "-1 is no device", -1)
                .answers(INVALID_DEVICE, "cuDevicePrimaryCtxReset/no-device", "-1 is no device", -1)
                .answers(INVALID_DEVICE, "cuDevicePrimaryCtxSetFlags/no-device", "-1 is no device", -1, 0)
                .answers(
                        INVALID_VALUE,
                        "cuDevicePrimaryCtxSetFlags/unknown",
                        "a flag that there is not is an invalid value",
                        0,
                        0x4000_0000);
        alone(suite.section(Section.PRIMARY_CONTEXTS));
    }

    /** These need a process in which nobody else has retained the context; each begins and ends without one. */
    private static void alone(Group section) {
        Group group = section.untouched("primary context");
        group.check("cuDevicePrimaryCtxGetState/inactive", "a context that nobody retained is not active", trial -> {
                    trial.ok("cuInit", 0);
                    trial.equal(0, active(trial), "active");
                })
                .check(
                        "cuDevicePrimaryCtxRelease/not-retained",
                        "a context that nobody retained cannot be released",
                        trial -> {
                            trial.ok("cuInit", 0);
                            trial.expect(INVALID_CONTEXT, "cuDevicePrimaryCtxRelease", 0);
                        })
                .check(
                        "cuDevicePrimaryCtxSetFlags/before",
                        "flags that were set before hold when it is retained",
                        trial -> {
                            trial.ok("cuInit", 0);
                            trial.ok("cuDevicePrimaryCtxSetFlags", 0, SCHED_YIELD);
                            trial.equal(SCHED_YIELD, flags(trial), "flags while inactive");
                            retained(trial);
                            trial.equal(SCHED_YIELD, flags(trial) & 7, "flags while active");
                            trial.equal(1, active(trial), "active");
                        })
                // Drivers of before CUDA 11 refuse it, as their documentation says.
                .check("cuDevicePrimaryCtxSetFlags/active", "may change while the context is active", trial -> {
                    trial.ok("cuInit", 0);
                    retained(trial);
                    trial.expect(
                            SUCCESS.or(PRIMARY_CONTEXT_ACTIVE), "cuDevicePrimaryCtxSetFlags", 0, SCHED_BLOCKING_SYNC);
                })
                .check(
                        "cuDevicePrimaryCtxRelease/counted",
                        "the last release, and no other, ends the context",
                        trial -> {
                            trial.ok("cuInit", 0);
                            trial.put("cuDevicePrimaryCtxRetain", 0);
                            trial.put("cuDevicePrimaryCtxRetain", 0);
                            trial.ok("cuDevicePrimaryCtxRelease", 0);
                            trial.equal(1, active(trial), "active after one of two releases");
                            trial.ok("cuDevicePrimaryCtxRelease", 0);
                            trial.equal(0, active(trial), "active after the last release");
                        })
                .check("cuDevicePrimaryCtxRelease/stays-on-stack", "does not pop the context from the stack", trial -> {
                    trial.ok("cuInit", 0);
                    Pointer context = trial.handleFrom("cuDevicePrimaryCtxRetain", 0);
                    trial.ok("cuCtxPushCurrent", context);
                    trial.ok("cuDevicePrimaryCtxRelease", 0);
                    trial.that(context.equals(trial.current()), "another context, or none, is current");
                    trial.put("cuCtxPopCurrent");
                })
                .check("cuDevicePrimaryCtxReset/memory", "gives back the memory of the context", trial -> {
                    trial.ok("cuInit", 0);
                    trial.ok("cuCtxSetCurrent", retained(trial));
                    long bytes = trial.put("cuMemGetInfo", OUT).getLong(0) / 8 * 5;
                    trial.longFrom("cuMemAlloc", bytes);
                    trial.ok("cuDevicePrimaryCtxReset", 0);
                    trial.equal(0, active(trial), "active after a reset");
                    trial.ok("cuCtxSetCurrent", retained(trial));
                    trial.ok("cuMemFree", trial.longFrom("cuMemAlloc", bytes));
                    trial.ok("cuCtxSetCurrent", NULL);
                })
                .check("cuDevicePrimaryCtxReset/inactive", "a context that nobody retained may be reset", trial -> {
                    trial.ok("cuInit", 0);
                    trial.ok("cuDevicePrimaryCtxReset", 0);
                });
    }

    private static Pointer retained(Trial trial) {
        Pointer context = trial.handleFrom("cuDevicePrimaryCtxRetain", trial.device());
        trial.laterCall("cuDevicePrimaryCtxRelease", trial.device());
        return context;
    }

    private static int active(Trial trial) {
        return state(trial)[1];
    }

    private static int flags(Trial trial) {
        return state(trial)[0];
    }

    private static int[] state(Trial trial) {
        Memory flags = trial.room(4);
        Memory active = trial.room(4);
        trial.ok("cuDevicePrimaryCtxGetState", trial.device(), flags, active);
        return new int[] {flags.getInt(0), active.getInt(0)};
    }
}
