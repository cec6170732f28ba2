package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.DEVICE_MEMORY;
import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** What the driver knows of an address. */
final class PointerChecks {
    private static final int CONTEXT = 1;
    private static final int MEMORY_TYPE = 2;
    private static final int DEVICE_POINTER = 3;
    private static final int HOST_POINTER = 4;
    private static final int SYNC_MEMOPS = 6;
    private static final int BUFFER_ID = 7;
    private static final int IS_MANAGED = 8;
    private static final int DEVICE_ORDINAL = 9;
    private static final int RANGE_START_ADDR = 11;
    private static final int RANGE_SIZE = 12;
    private static final int MAPPED = 13;
    private static final int NO_ATTRIBUTE = 9_999;

    private static final int TYPE_HOST = 1;
    private static final int TYPE_DEVICE = 2;

    private PointerChecks() {}

    static void declare(Suite suite) {
        Group pointers = suite.section(Section.UNIFIED_ADDRESSING).promisedBy(Attribute.UNIFIED_ADDRESSING);
        ofDeviceMemory(pointers);
        ofHostMemory(pointers);
        ofNothing(pointers);
        several(pointers);
    }

    private static void ofDeviceMemory(Group group) {
        group.check(
                        "cuPointerGetAttribute/context",
                        "device memory belongs to the context it was allocated in",
                        trial -> {
                            Pointer context = trial.context(0);
                            long memory = trial.longFrom("cuMemAlloc", 4096L);
                            trial.that(
                                    context.equals(get(trial, CONTEXT, memory).getPointer(0)), "another context");
                        })
                .check(
                        "cuPointerGetAttribute/device-type",
                        "device memory is of the type device",
                        trial -> trial.equal(
                                TYPE_DEVICE,
                                get(trial, MEMORY_TYPE, trial.memory(4096)).getInt(0),
                                "the type"))
                .check("cuPointerGetAttribute/device-pointer", "is the address itself", trial -> {
                    long memory = trial.memory(4096);
                    trial.equal(0, get(trial, DEVICE_POINTER, memory + 5).getLong(0) - memory - 5, "the difference");
                })
                .check(
                        "cuPointerGetAttribute/no-host-pointer",
                        "device memory has no address on the host",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuPointerGetAttribute", OUT, HOST_POINTER, trial.memory(4096)))
                .check("cuPointerGetAttribute/buffer-id", "each allocation has an id that no other ever had", trial -> {
                    long memory = trial.longFrom("cuMemAlloc", 4096L);
                    long first = get(trial, BUFFER_ID, memory).getLong(0);
                    trial.equal(first, get(trial, BUFFER_ID, memory + 100).getLong(0), "the id inside");
                    trial.ok("cuMemFree", memory);
                    long second = get(trial, BUFFER_ID, trial.memory(4096)).getLong(0);
                    trial.that(first != second, "a new allocation has the id of an old one");
                })
                .check(
                        "cuPointerGetAttribute/not-managed",
                        "device memory is not managed",
                        trial -> trial.equal(
                                0, get(trial, IS_MANAGED, trial.memory(4096)).getByte(0), "managed"))
                .check(
                        "cuPointerGetAttribute/ordinal",
                        "is the device that it was allocated on",
                        trial -> trial.equal(
                                trial.device(),
                                get(trial, DEVICE_ORDINAL, trial.memory(4096)).getInt(0),
                                "the device"))
                .check("cuPointerGetAttribute/range", "tells beginning and size of the allocation", trial -> {
                    long memory = trial.memory(5000);
                    trial.equal(0, get(trial, RANGE_START_ADDR, memory + 4999).getLong(0) - memory, "its beginning");
                    trial.equal(5000, get(trial, RANGE_SIZE, memory + 4999).getLong(0), "its size");
                })
                .check(
                        "cuPointerGetAttribute/mapped",
                        "device memory is mapped",
                        trial -> trial.equal(
                                1, get(trial, MAPPED, trial.memory(4096)).getByte(0), "mapped"))
                .check("cuPointerSetAttribute/sync-memops", "what was set is read back", trial -> {
                    long memory = trial.memory(4096);
                    trial.ok("cuPointerSetAttribute", Struct.of(4).i32(1).done(), SYNC_MEMOPS, memory);
                    trial.equal(1, get(trial, SYNC_MEMOPS, memory).getByte(0), "the attribute");
                })
                .answers(
                        INVALID_VALUE,
                        "cuPointerSetAttribute/read-only",
                        "what can only be read cannot be set",
                        HOST_MEMORY,
                        MEMORY_TYPE,
                        DEVICE_MEMORY);
    }

    private static void ofHostMemory(Group group) {
        group.check(
                        "cuPointerGetAttribute/host-type",
                        "page-locked memory is of the type host",
                        trial -> trial.equal(
                                TYPE_HOST,
                                get(trial, MEMORY_TYPE, trial.pinned(4096)).getInt(0),
                                "the type"))
                .check("cuPointerGetAttribute/host-pointer", "is the address itself", trial -> {
                    Pointer memory = trial.pinned(4096);
                    trial.that(memory.equals(get(trial, HOST_POINTER, memory).getPointer(0)), "another address");
                })
                .check(
                        "cuPointerGetAttribute/host-on-device",
                        "page-locked memory has an address on the device",
                        trial -> {
                            Pointer memory = trial.pinned(4096);
                            long device = trial.longFrom("cuMemHostGetDevicePointer", memory, 0);
                            trial.that(
                                    device == get(trial, DEVICE_POINTER, memory).getLong(0), "another address");
                        });
        group.promisedBy(Attribute.MANAGED_MEMORY)
                .check("cuPointerGetAttribute/managed", "managed memory is managed", trial -> {
                    long memory = trial.longFrom("cuMemAllocManaged", 4096L, 1);
                    trial.laterCall("cuMemFree", memory);
                    trial.equal(1, get(trial, IS_MANAGED, memory).getByte(0), "managed");
                    trial.that(get(trial, HOST_POINTER, memory).getLong(0) == memory, "another address on the host");
                });
    }

    private static void ofNothing(Group group) {
        group.answers(INVALID_VALUE, "cuPointerGetAttribute/ordinary", "ordinary memory", OUT, MEMORY_TYPE, HOST_MEMORY)
                .answers(INVALID_VALUE, "cuPointerGetAttribute/zero", "0 is no address", OUT, MEMORY_TYPE, 0L)
                .answers(
                        INVALID_VALUE,
                        "cuPointerGetAttribute/unknown",
                        "no attribute",
                        OUT,
                        NO_ATTRIBUTE,
                        DEVICE_MEMORY)
                .answers(
                        INVALID_VALUE,
                        "cuPointerGetAttribute/null",
                        "the place must not be NULL",
                        NULL,
                        MEMORY_TYPE,
                        DEVICE_MEMORY)
                .check("cuPointerGetAttribute/freed", "freed memory is no more known", trial -> {
                    long memory = trial.longFrom("cuMemAlloc", 4096L);
                    trial.ok("cuMemFree", memory);
                    trial.expect(INVALID_VALUE, "cuPointerGetAttribute", OUT, MEMORY_TYPE, memory);
                });
    }

    private static void several(Group group) {
        group.check("cuPointerGetAttributes/device", "tells several at once", trial -> {
                    Memory type = trial.room(8);
                    Memory bytes = trial.room(8);
                    trial.ok(
                            "cuPointerGetAttributes",
                            2,
                            attributes(MEMORY_TYPE, RANGE_SIZE),
                            places(type, bytes),
                            trial.memory(5000));
                    trial.equal(TYPE_DEVICE, type.getInt(0), "the type");
                    trial.equal(5000, bytes.getLong(0), "the size");
                })
                .check(
                        "cuPointerGetAttributes/ordinary",
                        "ordinary memory is no error: NULL and 0 are put out",
                        trial -> {
                            Memory type = trial.room(8);
                            Memory context = trial.room(8);
                            type.setLong(0, -1);
                            context.setLong(0, -1);
                            trial.ok(
                                    "cuPointerGetAttributes",
                                    2,
                                    attributes(MEMORY_TYPE, CONTEXT),
                                    places(type, context),
                                    HOST_MEMORY);
                            trial.equal(0, type.getInt(0), "the type");
                            trial.equal(0, context.getLong(0), "the context");
                        })
                .answers(
                        INVALID_VALUE,
                        "cuPointerGetAttributes/null",
                        "the arrays must not be NULL",
                        1,
                        NULL,
                        NULL,
                        DEVICE_MEMORY);
    }

    private static Memory get(Trial trial, int attribute, Object address) {
        return trial.put("cuPointerGetAttribute", attribute, address);
    }

    private static Memory attributes(int... attributes) {
        return Struct.of(4 * attributes.length).i32(attributes).done();
    }

    private static Memory places(Pointer... places) {
        return Struct.of(8 * places.length).pointer(places).done();
    }
}
