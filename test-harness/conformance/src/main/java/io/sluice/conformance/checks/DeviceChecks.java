package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.BEYOND_LAST_DEVICE;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which devices there are, and what they say of themselves. */
final class DeviceChecks {
    private static final int UUID_BYTES = 16;
    private static final int NO_ATTRIBUTE = 99_999;

    private DeviceChecks() {}

    static void declare(Suite suite) {
        Group devices = suite.section(Section.DEVICES);
        enumeration(devices);
        identity(devices);
        busIds(devices);
        attributes(devices);
        others(devices);
    }

    private static void enumeration(Group group) {
        group.answers(INVALID_VALUE, "cuDeviceGetCount/null", "the place for the count must not be NULL", NULL)
                .check("cuDeviceGet/each", "each ordinal from 0 to the count less 1 is a device", trial -> {
                    Set<Integer> devices = new HashSet<>();
                    int count = trial.deviceCount();
                    for (int i = 0; i < count; i++) {
                        devices.add(trial.intFrom("cuDeviceGet", i));
                    }
                    trial.equal(count, devices.size(), "different devices");
                })
                .answers(INVALID_DEVICE, "cuDeviceGet/beyond", "the count is no ordinal", OUT, BEYOND_LAST_DEVICE)
                .answers(INVALID_DEVICE, "cuDeviceGet/negative", "an ordinal is not negative", OUT, -1)
                .answers(INVALID_VALUE, "cuDeviceGet/null", "the place for the device must not be NULL", NULL, 0);
    }

    private static void identity(Group group) {
        group.check("cuDeviceGetName/whole", "the name ends in a zero byte and is not empty", trial -> {
                    trial.that(!name(trial, 256).isBlank(), "the name is empty");
                })
                .check("cuDeviceGetName/shortened", "a name that is too long is cut to the room there is", trial -> {
                    String whole = name(trial, 256);
                    trial.applicableIf(whole.length() > 4, "the device's name is too short to be cut");
                    trial.that(name(trial, 4).equals(whole.substring(0, 3)), "room for 4 holds " + name(trial, 4));
                })
                .answers(INVALID_VALUE, "cuDeviceGetName/null", "the room for the name must not be NULL", NULL, 64, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetName/no-device", "-1 is no device", OUT, 64, -1)
                .check("cuDeviceGetUuid/differ", "UUIDs are not zero, and no two devices have the same", trial -> {
                    Set<List<Byte>> all = new HashSet<>();
                    for (int device = 0; device < trial.deviceCount(); device++) {
                        byte[] uuid = trial.put("cuDeviceGetUuid", device).getByteArray(0, UUID_BYTES);
                        trial.that(!Arrays.equals(uuid, new byte[UUID_BYTES]), "the UUID is zero");
                        trial.that(all.add(boxed(uuid)), "two devices have one UUID");
                    }
                })
                .check(
                        "cuDeviceGetUuid_v2/same",
                        "outside MIG both versions tell the same UUID",
                        trial -> trial.same(
                                trial.put("cuDeviceGetUuid", 0).getByteArray(0, UUID_BYTES),
                                trial.put("cuDeviceGetUuid_v2", 0).getByteArray(0, UUID_BYTES),
                                "the UUID of version 2"))
                .answers(INVALID_VALUE, "cuDeviceGetUuid/null", "the place for the UUID must not be NULL", NULL, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetUuid/no-device", "-1 is no device", OUT, -1)
                .check("cuDeviceTotalMem/bytes", "is more than what any context may allocate at once", trial -> {
                    Memory free = trial.room(8);
                    Memory total = trial.room(8);
                    trial.ok("cuMemGetInfo", free, total);
                    trial.that(
                            trial.longFrom("cuDeviceTotalMem", 0) >= free.getLong(0),
                            "the device has less memory than is free");
                })
                .answers(INVALID_VALUE, "cuDeviceTotalMem/null", "the place for the size must not be NULL", NULL, 0)
                .answers(INVALID_DEVICE, "cuDeviceTotalMem/no-device", "-1 is no device", OUT, -1);
    }

    private static void busIds(Group group) {
        group.check("cuDeviceGetPCIBusId/round-trip", "the bus id names the device that it came from", trial -> {
                    for (int device = 0; device < trial.deviceCount(); device++) {
                        Memory id = trial.room(32);
                        trial.ok("cuDeviceGetPCIBusId", id, 32, device);
                        trial.equal(device, trial.intFrom("cuDeviceGetByPCIBusId", id), "the device of its bus id");
                    }
                })
                .check("cuDeviceGetPCIBusId/attributes", "is domain:bus:device.function in hexadecimal", trial -> {
                    Memory id = trial.room(32);
                    trial.ok("cuDeviceGetPCIBusId", id, 32, 0);
                    String expected = String.format(
                            "%04x:%02x:%02x.0",
                            trial.attribute(Attribute.PCI_DOMAIN_ID),
                            trial.attribute(Attribute.PCI_BUS_ID),
                            trial.attribute(Attribute.PCI_DEVICE_ID));
                    trial.that(
                            expected.equals(id.getString(0).toLowerCase(Locale.ROOT)),
                            "the attributes say " + expected + ", the id is " + id.getString(0));
                })
                .answers(INVALID_VALUE, "cuDeviceGetPCIBusId/null", "the room must not be NULL", NULL, 32, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetPCIBusId/no-device", "-1 is no device", OUT, 32, -1)
                .answers(INVALID_VALUE, "cuDeviceGetByPCIBusId/null", "the id must not be NULL", OUT, NULL)
                .answers(
                        INVALID_VALUE.or(INVALID_DEVICE),
                        "cuDeviceGetByPCIBusId/nonsense",
                        "a string that is no bus id names no device",
                        OUT,
                        "nonsense")
                .answers(
                        INVALID_DEVICE.or(INVALID_VALUE),
                        "cuDeviceGetByPCIBusId/absent",
                        "a bus id at which there is nothing names no device",
                        OUT,
                        "7fff:fe:1f.7");
    }

    private static void attributes(Group group) {
        for (Attribute attribute : List.of(
                Attribute.MAX_THREADS_PER_BLOCK,
                Attribute.MAX_BLOCK_DIM_X,
                Attribute.MAX_GRID_DIM_X,
                Attribute.MAX_SHARED_MEMORY_PER_BLOCK,
                Attribute.TOTAL_CONSTANT_MEMORY,
                Attribute.WARP_SIZE,
                Attribute.MAX_PITCH,
                Attribute.MAX_REGISTERS_PER_BLOCK,
                Attribute.CLOCK_RATE,
                Attribute.MULTIPROCESSOR_COUNT,
                Attribute.MAX_THREADS_PER_MULTIPROCESSOR,
                Attribute.MAX_BLOCKS_PER_MULTIPROCESSOR,
                Attribute.COMPUTE_CAPABILITY_MAJOR)) {
            group.check(
                    "cuDeviceGetAttribute/" + attribute,
                    "is a number of something that every device has",
                    trial -> trial.that(
                            trial.attribute(attribute) > 0, attribute + " is " + trial.attribute(attribute)));
        }
        group.answers(INVALID_VALUE, "cuDeviceGetAttribute/null", "the place must not be NULL", NULL, 1, 0)
                .answers(INVALID_VALUE, "cuDeviceGetAttribute/unknown", "not an attribute", OUT, NO_ATTRIBUTE, 0)
                .answers(INVALID_VALUE, "cuDeviceGetAttribute/zero", "attributes begin with 1", OUT, 0, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetAttribute/no-device", "-1 is no device", OUT, 1, -1);
    }

    private static void others(Group group) {
        group.check("cuDeviceComputeCapability/attributes", "are the attributes of the same name", trial -> {
                    Memory major = trial.room(4);
                    Memory minor = trial.room(4);
                    trial.ok("cuDeviceComputeCapability", major, minor, 0);
                    trial.equal(trial.attribute(Attribute.COMPUTE_CAPABILITY_MAJOR), major.getInt(0), "major");
                    trial.equal(trial.attribute(Attribute.COMPUTE_CAPABILITY_MINOR), minor.getInt(0), "minor");
                })
                .check("cuDeviceGetProperties/attributes", "are what the attributes say", trial -> {
                    // maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], sharedMemPerBlock, totalConstantMemory,
                    // SIMDWidth
                    Memory properties = trial.put("cuDeviceGetProperties", 0);
                    Attribute[] members = {
                        Attribute.MAX_THREADS_PER_BLOCK,
                        Attribute.MAX_BLOCK_DIM_X,
                        Attribute.MAX_BLOCK_DIM_Y,
                        Attribute.MAX_BLOCK_DIM_Z,
                        Attribute.MAX_GRID_DIM_X,
                        Attribute.MAX_GRID_DIM_Y,
                        Attribute.MAX_GRID_DIM_Z,
                        Attribute.MAX_SHARED_MEMORY_PER_BLOCK,
                        Attribute.TOTAL_CONSTANT_MEMORY,
                        Attribute.WARP_SIZE,
                        Attribute.MAX_PITCH
                    };
                    for (int i = 0; i < members.length; i++) {
                        trial.equal(trial.attribute(members[i]), properties.getInt(4L * i), members[i].toString());
                    }
                })
                .answers(INVALID_VALUE, "cuDeviceGetProperties/null", "the place must not be NULL", NULL, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetProperties/no-device", "-1 is no device", OUT, -1)
                .check("cuDeviceGetExecAffinitySupport/flag", "says 0 or 1", trial -> {
                    int supported = trial.intFrom("cuDeviceGetExecAffinitySupport", 0, 0);
                    trial.that(supported == 0 || supported == 1, "it says " + supported);
                })
                .answers(
                        INVALID_VALUE, "cuDeviceGetExecAffinitySupport/null", "the place must not be NULL", NULL, 0, 0);
        group.leftOpen()
                .check(
                        "cuDeviceGetTexture1DLinearMaxWidth/float",
                        "some elements fit a linear texture",
                        trial -> trial.that(
                                trial.longFrom("cuDeviceGetTexture1DLinearMaxWidth", 0x20, 1, 0) > 0,
                                "no element of 32 bits fits"));
    }

    private static String name(Trial trial, int room) {
        Memory name = trial.room(256);
        trial.ok("cuDeviceGetName", name, room, 0);
        return name.getString(0);
    }

    private static List<Byte> boxed(byte[] bytes) {
        Byte[] boxed = new Byte[bytes.length];
        Arrays.setAll(boxed, i -> bytes[i]);
        return List.of(boxed);
    }
}
