package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.BEYOND_LAST_DEVICE;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_CONTEXT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.PEER_ACCESS_ALREADY_ENABLED;
import static io.sluice.conformance.Result.PEER_ACCESS_NOT_ENABLED;
import static io.sluice.conformance.Result.PEER_ACCESS_UNSUPPORTED;

import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Two devices, and memory of one that the other reaches. */
final class PeerChecks {
    private static final int OTHER = 1;
    private static final int ACCESS_SUPPORTED = 2;

    private PeerChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.PEERS);
        asking(group);
        enabling(group);
        copying(suite.section(Section.MEMORY));
    }

    private static void asking(Group group) {
        group.check("cuDeviceCanAccessPeer/answer", "says 0 or 1", trial -> {
                    boolean first = canAccess(trial);
                    trial.that(first == canAccess(trial), "two answers to one question");
                })
                .check(
                        "cuDeviceGetP2PAttribute/access",
                        "agrees with cuDeviceCanAccessPeer",
                        trial -> trial.equal(
                                canAccess(trial) ? 1 : 0,
                                trial.intFrom("cuDeviceGetP2PAttribute", ACCESS_SUPPORTED, trial.device(), OTHER),
                                "access supported"))
                .check(
                        "cuDeviceGetP2PAttribute/same",
                        "a device has no link with itself",
                        trial -> trial.expect(INVALID_DEVICE, "cuDeviceGetP2PAttribute", OUT, ACCESS_SUPPORTED, 0, 0))
                .check("cuDeviceGetP2PAttribute/unknown", "no attribute", trial -> {
                    needsTwo(trial);
                    trial.expect(INVALID_VALUE, "cuDeviceGetP2PAttribute", OUT, 99, 0, OTHER);
                })
                .check("cuDeviceGetP2PAttribute/null", "the place must not be NULL", trial -> {
                    needsTwo(trial);
                    trial.expect(INVALID_VALUE, "cuDeviceGetP2PAttribute", NULL, ACCESS_SUPPORTED, 0, OTHER);
                })
                .answers(INVALID_DEVICE, "cuDeviceCanAccessPeer/no-device", "-1 is no device", OUT, -1, 0)
                .answers(
                        INVALID_DEVICE, "cuDeviceCanAccessPeer/beyond", "nor is the count", OUT, 0, BEYOND_LAST_DEVICE);
    }

    private static void enabling(Group group) {
        group.answers(INVALID_CONTEXT.or(INVALID_VALUE), "cuCtxEnablePeerAccess/null", "NULL is no context", NULL, 0)
                .check(
                        "cuCtxEnablePeerAccess/itself",
                        "a context is no peer of its own",
                        trial -> trial.expect(INVALID_CONTEXT, "cuCtxEnablePeerAccess", trial.current(), 0))
                .check("cuCtxDisablePeerAccess/not-enabled", "what is not enabled cannot be disabled", trial -> {
                    Pointer other = otherContext(trial);
                    trial.expect(PEER_ACCESS_NOT_ENABLED, "cuCtxDisablePeerAccess", other);
                })
                .answers(INVALID_CONTEXT.or(INVALID_VALUE), "cuCtxDisablePeerAccess/null", "NULL is no context", NULL)
                .check(
                        "cuCtxEnablePeerAccess/unsupported",
                        "is refused where devices cannot reach each other",
                        trial -> {
                            Pointer other = otherContext(trial);
                            trial.applicableIf(!canAccess(trial), "these devices can");
                            trial.expect(PEER_ACCESS_UNSUPPORTED, "cuCtxEnablePeerAccess", other, 0);
                        })
                .check("cuCtxEnablePeerAccess/flags", "flags have to be 0", trial -> {
                    Pointer other = reachable(trial);
                    trial.expect(INVALID_VALUE, "cuCtxEnablePeerAccess", other, 1);
                })
                .check("cuCtxEnablePeerAccess/again", "what is enabled cannot be enabled again", trial -> {
                    Pointer other = reachable(trial);
                    trial.ok("cuCtxEnablePeerAccess", other, 0);
                    trial.expect(PEER_ACCESS_ALREADY_ENABLED, "cuCtxEnablePeerAccess", other, 0);
                    trial.ok("cuCtxDisablePeerAccess", other);
                    trial.expect(PEER_ACCESS_NOT_ENABLED, "cuCtxDisablePeerAccess", other);
                })
                .check("cuCtxEnablePeerAccess/kernel", "a kernel of one device writes memory of the other", trial -> {
                    Pointer other = reachable(trial);
                    trial.ok("cuCtxPushCurrent", other);
                    long memory = trial.longFrom("cuMemAlloc", 4L);
                    trial.put("cuCtxPopCurrent");
                    trial.ok("cuCtxEnablePeerAccess", other, 0);
                    trial.launch(trial.function("store"), 1, NULL, memory, 21);
                    trial.ok("cuCtxSynchronize");
                    trial.equal(21, trial.readInt(memory), "what the kernel stored");
                });
    }

    private static void copying(Group group) {
        group.check(
                "cuMemcpyPeer/two-devices",
                "copies between devices, whether they can reach each other or not",
                trial -> {
                    byte[] bytes = CopyChecks.random(30_001);
                    Pointer home = trial.current();
                    long from = trial.memory(bytes.length);
                    trial.write(from, bytes);
                    Pointer other = otherContext(trial);
                    trial.ok("cuCtxPushCurrent", other);
                    long to = trial.longFrom("cuMemAlloc", (long) bytes.length);
                    trial.ok("cuMemcpyPeer", to, other, from, home, (long) bytes.length);
                    trial.same(bytes, trial.read(to, bytes.length), "what came back");
                });
    }

    private static boolean canAccess(Trial trial) {
        needsTwo(trial);
        int can = trial.intFrom("cuDeviceCanAccessPeer", trial.device(), OTHER);
        trial.that(can == 0 || can == 1, "it says " + can);
        return can == 1;
    }

    private static void needsTwo(Trial trial) {
        trial.applicableIf(trial.deviceCount() > 1, "there is one device");
    }

    /** A context of the second device, which is not current; destroyed at the end. */
    private static Pointer otherContext(Trial trial) {
        needsTwo(trial);
        Pointer context = trial.handleFrom("cuCtxCreate", 0, OTHER);
        trial.laterCall("cuCtxDestroy", context);
        trial.put("cuCtxPopCurrent");
        return context;
    }

    private static Pointer reachable(Trial trial) {
        trial.applicableIf(canAccess(trial), "these devices cannot reach each other's memory");
        return otherContext(trial);
    }
}
