package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_INITIALIZED;
import static io.sluice.conformance.Result.SUCCESS;

import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;

/** What holds before and around cuInit, and the driver's version. */
final class InitializationChecks {
    private InitializationChecks() {}

    static void declare(Suite suite) {
        beforeInit(suite.section(Section.INITIALIZATION).untouched("before cuInit"));
        init(suite.section(Section.INITIALIZATION).untouched("cuInit"));
        version(suite.section(Section.VERSION).untouched("version"));
    }

    private static void beforeInit(Group group) {
        row(group, "cuDeviceGetCount", OUT);
        row(group, "cuDeviceGet", OUT, 0);
        row(group, "cuDeviceGetAttribute", OUT, 1, 0);
        row(group, "cuDevicePrimaryCtxRetain", OUT, 0);
        row(group, "cuDevicePrimaryCtxGetState", 0, OUT, OUT);
        row(group, "cuCtxCreate", OUT, 0, 0);
        row(group, "cuCtxGetCurrent", OUT);
        row(group, "cuCtxSynchronize");
        row(group, "cuModuleLoadData", OUT, Kernels.image(Kernels.TEXT));
        row(group, "cuMemAlloc", OUT, 512L);
        row(group, "cuMemGetInfo", OUT, OUT);
        row(group, "cuMemHostAlloc", OUT, 512L, 0);
        row(group, "cuMemAllocManaged", OUT, 512L, 1);
        row(group, "cuStreamCreate", OUT, 0);
        row(group, "cuEventCreate", OUT, 0);
    }

    private static void row(Group group, String function, Object... arguments) {
        group.answers(
                NOT_INITIALIZED,
                function + "/before-init",
                "before cuInit any function of the driver API answers that it is not initialized",
                arguments);
    }

    private static void init(Group group) {
        group.answers(INVALID_VALUE, "cuInit/flags", "flags have to be 0", 1)
                .check("cuInit/refused", "a cuInit that was refused has initialized nothing", trial -> {
                    trial.expect(INVALID_VALUE, "cuInit", 0x10);
                    trial.expect(NOT_INITIALIZED, "cuDeviceGetCount", OUT);
                })
                .answers(SUCCESS, "cuInit/zero", "flags of 0 initialize the driver", 0)
                .answers(SUCCESS, "cuInit/again", "an initialized driver may be initialized again", 0)
                .answers(SUCCESS, "cuDeviceGetCount/after-init", "after cuInit functions work", OUT);
    }

    private static void version(Group group) {
        group.check(
                        "cuDriverGetVersion/before-init",
                        "the version is 1000 times major plus 10 times minor, and can be had before cuInit",
                        trial -> {
                            int version = trial.intFrom("cuDriverGetVersion");
                            trial.that(
                                    version >= 1000 && version % 10 == 0,
                                    "the version is told as " + version + ", which is no version");
                        })
                .answers(INVALID_VALUE, "cuDriverGetVersion/null", "the place for the version must not be NULL", NULL)
                .check("cuDriverGetVersion/twice", "the version stays the same across cuInit", trial -> {
                    int before = trial.intFrom("cuDriverGetVersion");
                    trial.ok("cuInit", 0);
                    trial.equal(before, trial.intFrom("cuDriverGetVersion"), "the version after cuInit");
                });
    }
}
