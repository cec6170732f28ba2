package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Memory that host and device share under one address. */
final class ManagedMemoryChecks {
    private static final int ATTACH_GLOBAL = 1;
    private static final int ATTACH_HOST = 2;
    private static final int ATTACH_SINGLE = 4;
    private static final int DEVICE_CPU = -1;
    private static final int ADVISE_SET_READ_MOSTLY = 1;
    private static final int ADVISE_SET_PREFERRED_LOCATION = 3;
    private static final int RANGE_READ_MOSTLY = 1;
    private static final int RANGE_PREFERRED_LOCATION = 2;
    private static final int RANGE_LAST_PREFETCH_LOCATION = 4;
    private static final long BYTES = 1L << 16;
    private static final Given MANAGED = ManagedMemoryChecks::managed;

    private ManagedMemoryChecks() {}

    static void declare(Suite suite) {
        Group managed = suite.section(Section.MEMORY).promisedBy(Attribute.MANAGED_MEMORY);
        allocating(managed);
        advice(managed.promised(
                "the device's attribute CONCURRENT_MANAGED_ACCESS is 0",
                trial -> trial.attribute(Attribute.CONCURRENT_MANAGED_ACCESS) != 0));
        attaching(managed);
    }

    private static void allocating(Group group) {
        group.check(
                        "cuMemAllocManaged/host-then-device",
                        "a kernel reads what the host wrote at the same address",
                        trial -> {
                            long memory = managed(trial);
                            new Pointer(memory).setInt(0, 41);
                            trial.launch(trial.function("next"), 1, NULL, memory + 4, memory);
                            trial.ok("cuCtxSynchronize");
                            trial.equal(42, new Pointer(memory).getInt(4), "what the kernel left for the host");
                        })
                .check("cuMemAllocManaged/copy", "can be copied to and from like any memory", trial -> {
                    long memory = managed(trial);
                    trial.write(memory, new byte[] {1, 2, 3});
                    trial.ok("cuCtxSynchronize");
                    trial.equal(3, new Pointer(memory).getByte(2), "what the host sees");
                })
                .check(
                        "cuMemAllocManaged/host-attached",
                        "memory for the host first can be allocated as well",
                        trial -> {
                            long memory = trial.longFrom("cuMemAllocManaged", BYTES, ATTACH_HOST);
                            trial.laterCall("cuMemFree", memory);
                            new Pointer(memory).setInt(BYTES - 4, 5);
                            trial.equal(5, new Pointer(memory).getInt(BYTES - 4), "the last element");
                        })
                .answers(INVALID_VALUE, "cuMemAllocManaged/zero", "0 bytes cannot be allocated", OUT, 0L, ATTACH_GLOBAL)
                .answers(
                        INVALID_VALUE,
                        "cuMemAllocManaged/null",
                        "the place must not be NULL",
                        NULL,
                        BYTES,
                        ATTACH_GLOBAL)
                .answers(INVALID_VALUE, "cuMemAllocManaged/no-flag", "one of two flags is needed", OUT, BYTES, 0)
                .answers(
                        INVALID_VALUE,
                        "cuMemAllocManaged/single",
                        "a single stream is not known yet",
                        OUT,
                        BYTES,
                        ATTACH_SINGLE)
                .answers(INVALID_VALUE, "cuMemAllocManaged/both", "only one of the two can be given", OUT, BYTES, 3);
    }

    private static void advice(Group group) {
        group.check("cuMemPrefetchAsync/content", "moves the memory and leaves its content", trial -> {
                    long memory = managed(trial);
                    new Pointer(memory).setInt(0, 99);
                    trial.ok("cuMemPrefetchAsync", memory, BYTES, 0, NULL);
                    trial.ok("cuMemPrefetchAsync", memory, BYTES, DEVICE_CPU, NULL);
                    trial.ok("cuCtxSynchronize");
                    trial.equal(99, new Pointer(memory).getInt(0), "what the host sees");
                })
                .check(
                        "cuMemPrefetchAsync/device-memory",
                        "only managed memory can be moved",
                        trial -> trial.expect(INVALID_VALUE, "cuMemPrefetchAsync", trial.memory(4096), 4096L, 0, NULL))
                .answers(
                        INVALID_DEVICE.or(INVALID_VALUE),
                        "cuMemPrefetchAsync/no-device",
                        "a device that there is not",
                        MANAGED,
                        BYTES,
                        1000,
                        NULL)
                .answers(
                        INVALID_VALUE,
                        "cuMemPrefetchAsync/zero",
                        "there has to be something to move",
                        MANAGED,
                        0L,
                        0,
                        NULL)
                .answers(INVALID_VALUE, "cuMemAdvise/unknown", "no advice", MANAGED, BYTES, 99, 0);
        remembered(group.leftOpen());
    }

    /** The attribute promises the access, not that one can ask for the advice. */
    private static void remembered(Group group) {
        group.check("cuMemAdvise/read-mostly", "the advice is remembered", trial -> {
                    long memory = managed(trial);
                    trial.ok("cuMemAdvise", memory, BYTES, ADVISE_SET_READ_MOSTLY, 0);
                    trial.equal(1, range(trial, memory, RANGE_READ_MOSTLY), "read mostly");
                })
                .check("cuMemAdvise/preferred-location", "the advice is remembered", trial -> {
                    long memory = managed(trial);
                    trial.ok("cuMemAdvise", memory, BYTES, ADVISE_SET_PREFERRED_LOCATION, DEVICE_CPU);
                    trial.equal(DEVICE_CPU, range(trial, memory, RANGE_PREFERRED_LOCATION), "the preferred location");
                })
                .check("cuMemRangeGetAttribute/prefetched", "tells where the memory was last moved to", trial -> {
                    long memory = managed(trial);
                    trial.ok("cuMemPrefetchAsync", memory, BYTES, 0, NULL);
                    trial.ok("cuCtxSynchronize");
                    trial.equal(0, range(trial, memory, RANGE_LAST_PREFETCH_LOCATION), "the location");
                })
                .answers(
                        INVALID_VALUE,
                        "cuMemRangeGetAttribute/size",
                        "a number has 4 bytes",
                        OUT,
                        8L,
                        RANGE_READ_MOSTLY,
                        MANAGED,
                        BYTES);
    }

    private static void attaching(Group group) {
        group.check("cuStreamAttachMemAsync/single", "memory can be given to one stream", trial -> {
                    Pointer stream = trial.stream(0);
                    trial.ok("cuStreamAttachMemAsync", stream, managed(trial), 0L, ATTACH_SINGLE);
                    trial.ok("cuStreamSynchronize", stream);
                })
                .check("cuStreamAttachMemAsync/null-stream", "the NULL stream cannot have memory of its own", trial -> {
                    int result = trial.call("cuStreamAttachMemAsync", NULL, managed(trial), 0L, ATTACH_SINGLE);
                    trial.that(result != 0, "it was accepted");
                })
                .check("cuStreamAttachMemAsync/part", "only all of an allocation can be attached", trial -> {
                    int result = trial.call(
                            "cuStreamAttachMemAsync", trial.stream(0), managed(trial), BYTES / 2, ATTACH_GLOBAL);
                    trial.that(result != 0, "half of it was accepted");
                });
    }

    private static long managed(Trial trial) {
        long memory = trial.longFrom("cuMemAllocManaged", BYTES, ATTACH_GLOBAL);
        trial.laterCall("cuMemFree", memory);
        return memory;
    }

    private static int range(Trial trial, long memory, int attribute) {
        Memory value = trial.room(4);
        trial.ok("cuMemRangeGetAttribute", value, 4L, attribute, memory, BYTES);
        return value.getInt(0);
    }
}
