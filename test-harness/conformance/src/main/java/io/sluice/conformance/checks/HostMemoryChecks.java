package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.HOST_MEMORY_ALREADY_REGISTERED;
import static io.sluice.conformance.Result.HOST_MEMORY_NOT_REGISTERED;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Host memory that the device reaches: allocated by the driver, or registered. */
final class HostMemoryChecks {
    private static final int PORTABLE = 1;
    private static final int DEVICEMAP = 2;
    private static final int WRITECOMBINED = 4;
    private static final int NO_FLAG = 0x4000_0000;
    private static final long PAGE = 4096;

    private HostMemoryChecks() {}

    static void declare(Suite suite) {
        Group memory = suite.section(Section.MEMORY);
        allocated(memory);
        registered(memory.promisedBy(Attribute.HOST_REGISTER_SUPPORTED));
    }

    private static void allocated(Group group) {
        group.check("cuMemHostAlloc/usable", "the host can write all of it and read it back", trial -> {
                    Pointer memory = trial.pinned(10_001);
                    memory.setByte(0, (byte) 1);
                    memory.setByte(10_000, (byte) 2);
                    trial.equal(3, memory.getByte(0) + memory.getByte(10_000), "the sum of two bytes");
                })
                .check("cuMemAllocHost/usable", "is page-locked memory that the host can write", trial -> {
                    Pointer memory = trial.handleFrom("cuMemAllocHost", 10_001L);
                    trial.laterCall("cuMemFreeHost", memory);
                    memory.setByte(10_000, (byte) 2);
                    trial.equal(2, memory.getByte(10_000), "the last byte");
                })
                .answers(INVALID_VALUE, "cuMemHostAlloc/null", "the place must not be NULL", NULL, 4096L, 0)
                .answers(INVALID_VALUE, "cuMemHostAlloc/flags", "a flag that there is not", OUT, 4096L, NO_FLAG)
                .answers(INVALID_VALUE, "cuMemAllocHost/null", "the place must not be NULL", NULL, 4096L)
                .check("cuMemHostGetFlags/allocated", "are those that it was allocated with", trial -> {
                    Pointer memory = trial.handleFrom("cuMemHostAlloc", 4096L, PORTABLE | DEVICEMAP);
                    trial.laterCall("cuMemFreeHost", memory);
                    int flags = trial.intFrom("cuMemHostGetFlags", memory);
                    trial.equal(PORTABLE | DEVICEMAP, flags & (PORTABLE | DEVICEMAP), "portable and mapped");
                    trial.equal(0, flags & WRITECOMBINED, "write-combined");
                })
                .answers(INVALID_VALUE, "cuMemHostGetFlags/ordinary", "ordinary memory has none", OUT, HOST_MEMORY)
                .answers(INVALID_VALUE, "cuMemFreeHost/ordinary", "ordinary memory is not the driver's", HOST_MEMORY)
                .check("cuMemFreeHost/again", "memory that was freed cannot be freed again", trial -> {
                    Pointer memory = trial.handleFrom("cuMemHostAlloc", 4096L, 0);
                    trial.ok("cuMemFreeHost", memory);
                    trial.expect(INVALID_VALUE, "cuMemFreeHost", memory);
                });
        Group mapped = group.promisedBy(Attribute.CAN_MAP_HOST_MEMORY);
        mapped.check(
                        "cuMemHostGetDevicePointer/unified",
                        "under unified addressing both addresses are the same",
                        trial -> {
                            trial.applicableIf(
                                    trial.attribute(Attribute.UNIFIED_ADDRESSING) != 0, "no unified addressing");
                            Pointer memory = trial.handleFrom("cuMemHostAlloc", 4096L, DEVICEMAP);
                            trial.laterCall("cuMemFreeHost", memory);
                            long device = trial.longFrom("cuMemHostGetDevicePointer", memory, 0);
                            trial.that(device == Pointer.nativeValue(memory), "the device has another address");
                        })
                .check(
                        "cuMemHostGetDevicePointer/kernel",
                        "a kernel's writes are seen by the host after a synchronise",
                        trial -> {
                            Pointer memory = trial.handleFrom("cuMemHostAlloc", 4096L, DEVICEMAP);
                            trial.laterCall("cuMemFreeHost", memory);
                            long device = trial.longFrom("cuMemHostGetDevicePointer", memory, 0);
                            trial.launch(trial.function("store"), 1, NULL, device + 8, 1234);
                            trial.ok("cuCtxSynchronize");
                            trial.equal(1234, memory.getInt(8), "what the host sees");
                        })
                .check("cuMemHostGetDevicePointer/inside", "an address inside leads to the same place", trial -> {
                    Pointer memory = trial.handleFrom("cuMemHostAlloc", 8192L, DEVICEMAP);
                    trial.laterCall("cuMemFreeHost", memory);
                    long first = trial.longFrom("cuMemHostGetDevicePointer", memory, 0);
                    long inside = trial.longFrom("cuMemHostGetDevicePointer", memory.share(100), 0);
                    trial.equal(100, inside - first, "the distance on the device");
                })
                .check("cuMemHostGetDevicePointer/flags", "flags have to be 0", trial -> {
                    Pointer memory = trial.handleFrom("cuMemHostAlloc", 4096L, DEVICEMAP);
                    trial.laterCall("cuMemFreeHost", memory);
                    trial.expect(INVALID_VALUE, "cuMemHostGetDevicePointer", OUT, memory, 1);
                })
                .answers(
                        INVALID_VALUE,
                        "cuMemHostGetDevicePointer/ordinary",
                        "ordinary memory has no address on the device",
                        OUT,
                        HOST_MEMORY,
                        0);
    }

    private static void registered(Group group) {
        group.check("cuMemHostRegister/kernel", "a kernel reaches registered memory by its device address", trial -> {
                    Pointer memory = pages(trial, 2);
                    trial.ok("cuMemHostRegister", memory, 2 * PAGE, DEVICEMAP);
                    trial.laterCall("cuMemHostUnregister", memory);
                    long device = trial.longFrom("cuMemHostGetDevicePointer", memory, 0);
                    trial.launch(trial.function("store"), 1, NULL, device + PAGE, 77);
                    trial.ok("cuCtxSynchronize");
                    trial.equal(77, memory.getInt(PAGE), "what the host sees");
                })
                .check("cuMemHostRegister/again", "what is registered cannot be registered again", trial -> {
                    Pointer memory = pages(trial, 1);
                    trial.ok("cuMemHostRegister", memory, PAGE, 0);
                    trial.laterCall("cuMemHostUnregister", memory);
                    trial.expect(HOST_MEMORY_ALREADY_REGISTERED, "cuMemHostRegister", memory, PAGE, 0);
                })
                .check("cuMemHostUnregister/then-again", "after it was unregistered it can be", trial -> {
                    Pointer memory = pages(trial, 1);
                    for (int i = 0; i < 2; i++) {
                        trial.ok("cuMemHostRegister", memory, PAGE, 0);
                        trial.ok("cuMemHostUnregister", memory);
                    }
                })
                .answers(
                        HOST_MEMORY_NOT_REGISTERED.or(INVALID_VALUE),
                        "cuMemHostUnregister/ordinary",
                        "what is not registered cannot be unregistered",
                        HOST_MEMORY)
                .check(
                        "cuMemHostUnregister/allocated",
                        "what the driver allocated was never registered",
                        trial -> trial.expect(
                                HOST_MEMORY_NOT_REGISTERED.or(INVALID_VALUE),
                                "cuMemHostUnregister",
                                trial.pinned(4096)))
                .answers(INVALID_VALUE, "cuMemHostRegister/null", "the memory must not be NULL", NULL, 4096L, 0)
                .answers(INVALID_VALUE, "cuMemHostRegister/zero", "0 bytes cannot be registered", HOST_MEMORY, 0L, 0)
                .answers(
                        INVALID_VALUE,
                        "cuMemHostRegister/flags",
                        "a flag that there is not",
                        HOST_MEMORY,
                        64L,
                        NO_FLAG);
    }

    /** Whole pages of their own: other allocations may have registered the ones beside them. */
    private static Pointer pages(Trial trial, int count) {
        Memory memory = trial.room((count + 1) * PAGE);
        long into = PAGE - Pointer.nativeValue(memory) % PAGE;
        return trial.keep(memory.share(into));
    }
}
