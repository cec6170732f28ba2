package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.OUT_OF_MEMORY;

import com.sun.jna.Memory;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Addresses and memory, each on its own, and one mapped to the other. */
final class VirtualMemoryChecks {
    private static final int TYPE_PINNED = 1;
    private static final int LOCATION_DEVICE = 1;
    private static final int PROT_READWRITE = 3;
    private static final int MINIMUM = 0;
    private static final int RECOMMENDED = 1;

    private static final Given PROPERTIES = trial -> properties(0);

    private VirtualMemoryChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.VIRTUAL_MEMORY).promisedBy(Attribute.VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED);
        granularity(group);
        reserving(group);
        creating(group);
        mapping(group);
        VirtualAccessChecks.declare(group);
    }

    private static void granularity(Group group) {
        group.check("cuMemGetAllocationGranularity/order", "what is recommended is a multiple of the least", trial -> {
                    long least = granularity(trial);
                    long recommended = trial.longFrom("cuMemGetAllocationGranularity", PROPERTIES, RECOMMENDED);
                    trial.that(
                            least > 0 && recommended % least == 0,
                            recommended + " is recommended, " + least + " least");
                })
                .answers(
                        INVALID_VALUE,
                        "cuMemGetAllocationGranularity/null",
                        "must not be NULL",
                        NULL,
                        PROPERTIES,
                        MINIMUM)
                .answers(
                        INVALID_VALUE,
                        "cuMemGetAllocationGranularity/no-properties",
                        "must not be NULL",
                        OUT,
                        NULL,
                        MINIMUM)
                .answers(
                        INVALID_VALUE.or(INVALID_DEVICE),
                        "cuMemGetAllocationGranularity/no-device",
                        "a device that there is not",
                        OUT,
                        (Given) trial -> Struct.of(32)
                                .i32(TYPE_PINNED, 0, LOCATION_DEVICE, 1000)
                                .done(),
                        MINIMUM);
    }

    private static void reserving(Group group) {
        group.check("cuMemAddressReserve/aligned", "the address has the alignment that was asked for", trial -> {
                    long unit = granularity(trial);
                    long address = reserve(trial, unit, unit * 4);
                    trial.equal(0, Long.remainderUnsigned(address, unit * 4), "the rest");
                })
                .check("cuMemAddressReserve/disjoint", "reservations do not overlap", trial -> {
                    long unit = granularity(trial);
                    long first = reserve(trial, 4 * unit, 0);
                    long second = reserve(trial, 4 * unit, 0);
                    trial.that(Math.abs(first - second) >= 4 * unit, "they do");
                })
                .check(
                        "cuMemAddressReserve/more-than-memory",
                        "addresses need no memory",
                        trial -> reserve(trial, granularity(trial) << 18, 0))
                .check(
                        "cuMemAddressReserve/size",
                        "a size is a multiple of the granularity",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuMemAddressReserve", OUT, granularity(trial) + 1, 0L, 0L, 0L))
                .answers(INVALID_VALUE, "cuMemAddressReserve/zero", "0 bytes cannot be reserved", OUT, 0L, 0L, 0L, 0L)
                .check(
                        "cuMemAddressReserve/flags",
                        "flags have to be 0",
                        trial ->
                                trial.expect(INVALID_VALUE, "cuMemAddressReserve", OUT, granularity(trial), 0L, 0L, 1L))
                .check("cuMemAddressFree/again", "what was given back cannot be given back again", trial -> {
                    long unit = granularity(trial);
                    long address = trial.longFrom("cuMemAddressReserve", unit, 0L, 0L, 0L);
                    trial.ok("cuMemAddressFree", address, unit);
                    trial.expect(INVALID_VALUE, "cuMemAddressFree", address, unit);
                });
    }

    private static void creating(Group group) {
        group.check(
                        "cuMemCreate/size",
                        "a size is a multiple of the granularity",
                        trial ->
                                trial.expect(INVALID_VALUE, "cuMemCreate", OUT, granularity(trial) + 1, PROPERTIES, 0L))
                .check(
                        "cuMemCreate/too-much",
                        "more than the device has is refused",
                        trial -> trial.expect(
                                OUT_OF_MEMORY, "cuMemCreate", OUT, granularity(trial) << 24, PROPERTIES, 0L))
                .check(
                        "cuMemCreate/flags",
                        "flags have to be 0",
                        trial -> trial.expect(INVALID_VALUE, "cuMemCreate", OUT, granularity(trial), PROPERTIES, 1L))
                .check(
                        "cuMemCreate/null",
                        "the properties must not be NULL",
                        trial -> trial.expect(INVALID_VALUE, "cuMemCreate", OUT, granularity(trial), NULL, 0L))
                .check("cuMemCreate/released", "what was released can be created again", trial -> {
                    long unit = granularity(trial);
                    long bytes = trial.put("cuMemGetInfo", OUT).getLong(0) / 8 * 5 / unit * unit;
                    for (int i = 0; i < 3; i++) {
                        trial.ok("cuMemRelease", trial.longFrom("cuMemCreate", bytes, PROPERTIES, 0L));
                    }
                })
                .check(
                        "cuMemGetAllocationPropertiesFromHandle/properties",
                        "are those that it was created with",
                        trial -> {
                            Memory properties = trial.put(
                                    "cuMemGetAllocationPropertiesFromHandle", newHandle(trial, granularity(trial)));
                            trial.equal(TYPE_PINNED, properties.getInt(0), "the type");
                            trial.equal(LOCATION_DEVICE, properties.getInt(8), "the type of location");
                            trial.equal(0, properties.getInt(12), "the device");
                        });
    }

    private static void mapping(Group group) {
        group.check("cuMemMap/use", "mapped memory can be written and read once access is set", trial -> {
                    long address = mapped(trial, newHandle(trial, granularity(trial)));
                    trial.launch(trial.function("store"), 1, NULL, address + 64, 19);
                    trial.equal(19, trial.readInt(address + 64), "what a kernel stored");
                })
                .check("cuMemMap/two-addresses", "memory that is mapped twice is the same memory", trial -> {
                    long handle = newHandle(trial, granularity(trial));
                    long first = mapped(trial, handle);
                    long second = mapped(trial, handle);
                    trial.write(first, new byte[] {1, 2, 3, 4});
                    trial.ok("cuCtxSynchronize");
                    trial.equal(0x04030201, trial.readInt(second), "what is read at the second address");
                })
                .check("cuMemMap/remapped", "content stays with the memory, not with the address", trial -> {
                    long unit = granularity(trial);
                    long handle = newHandle(trial, unit);
                    long address = mapped(trial, handle);
                    trial.write(address, new byte[] {9, 0, 0, 0});
                    trial.ok("cuMemUnmap", address, unit);
                    trial.equal(9, trial.readInt(mapped(trial, handle)), "what is read at the new address");
                })
                .check("cuMemRelease/mapped", "released memory stays as long as it is mapped", trial -> {
                    long handle = trial.longFrom("cuMemCreate", granularity(trial), PROPERTIES, 0L);
                    long address = mapped(trial, handle);
                    trial.ok("cuMemRelease", handle);
                    trial.write(address, new byte[] {8, 0, 0, 0});
                    trial.equal(8, trial.readInt(address), "what is read");
                })
                .check("cuMemMap/adjacent", "two pieces of memory side by side are one range", trial -> {
                    long unit = granularity(trial);
                    long address = reserve(trial, 2 * unit, 0);
                    map(trial, address, newHandle(trial, unit));
                    map(trial, address + unit, newHandle(trial, unit));
                    trial.ok("cuMemSetAccess", address, 2 * unit, accessOf(PROT_READWRITE), 1L);
                    trial.ok("cuMemsetD8", address + unit - 8, (byte) 5, 16L);
                    trial.equal(0x05050505, trial.readInt(address + unit + 4), "what is read behind the border");
                })
                .check("cuMemMap/occupied", "an address at which there is memory takes no other", trial -> {
                    long address = mapped(trial, newHandle(trial, granularity(trial)));
                    int result = trial.call(
                            "cuMemMap", address, granularity(trial), 0L, newHandle(trial, granularity(trial)), 0L);
                    trial.that(result != 0, "it was mapped");
                })
                .check(
                        "cuMemMap/offset",
                        "the offset has to be 0",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemMap",
                                reserve(trial, granularity(trial), 0),
                                granularity(trial),
                                granularity(trial),
                                newHandle(trial, 2 * granularity(trial)),
                                0L))
                .check(
                        "cuMemUnmap/not-mapped",
                        "what is not mapped cannot be unmapped",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemUnmap",
                                reserve(trial, granularity(trial), 0),
                                granularity(trial)));
    }

    static long granularity(Trial trial) {
        return trial.longFrom("cuMemGetAllocationGranularity", PROPERTIES, MINIMUM);
    }

    static long reserve(Trial trial, long bytes, long alignment) {
        long address = trial.longFrom("cuMemAddressReserve", bytes, alignment, 0L, 0L);
        trial.laterCall("cuMemAddressFree", address, bytes);
        return address;
    }

    static long newHandle(Trial trial, long bytes) {
        long handle = trial.longFrom("cuMemCreate", bytes, PROPERTIES, 0L);
        trial.laterCall("cuMemRelease", handle);
        return handle;
    }

    /** One unit, without access. */
    static void map(Trial trial, long address, long handle) {
        trial.ok("cuMemMap", address, granularity(trial), 0L, handle, 0L);
        trial.laterCall("cuMemUnmap", address, granularity(trial));
    }

    /** One unit at an address of its own, which can be read and written. */
    static long mapped(Trial trial, long handle) {
        long address = reserve(trial, granularity(trial), 0);
        map(trial, address, handle);
        trial.ok("cuMemSetAccess", address, granularity(trial), accessOf(PROT_READWRITE), 1L);
        return address;
    }

    /** A CUmemAllocationProp of device 0. */
    static Memory properties(int handleTypes) {
        return Struct.of(32).i32(TYPE_PINNED, handleTypes, LOCATION_DEVICE, 0).done();
    }

    /** A CUmemAccessDesc of device 0. */
    static Memory accessOf(int protection) {
        return Struct.of(12).i32(LOCATION_DEVICE, 0, protection).done();
    }
}
