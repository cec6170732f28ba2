package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_FOUND;
import static io.sluice.conformance.Result.OUT_OF_MEMORY;
import static io.sluice.conformance.Result.SUCCESS;

import com.sun.jna.Memory;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import java.util.HashSet;
import java.util.Set;

/** Device memory in one piece: allocated, asked after, and freed. */
final class LinearMemoryChecks {
    /** What the programming guide promises of any address that an allocation returns. */
    private static final int ALIGNMENT = 256;

    private static final int TEXTURE_PITCH_ALIGNMENT = 51;

    private LinearMemoryChecks() {}

    static void declare(Suite suite) {
        Group memory = suite.section(Section.MEMORY);
        allocating(memory);
        freeing(memory);
        pitch(memory);
        ranges(memory);
        amounts(memory);
    }

    private static void allocating(Group group) {
        group.check("cuMemAlloc/alignment", "addresses suit any kind of variable, whatever the sizes", trial -> {
                    for (long bytes : new long[] {1, 3, 511, 513, 4097, 1_999_993}) {
                        long address = trial.memory(bytes);
                        trial.equal(0, Long.remainderUnsigned(address, ALIGNMENT), "the rest for " + bytes + " bytes");
                    }
                })
                .check("cuMemAlloc/disjoint", "allocations do not overlap", trial -> {
                    int bytes = 1537;
                    long[] addresses = new long[20];
                    for (int i = 0; i < addresses.length; i++) {
                        addresses[i] = trial.memory(bytes);
                        trial.ok("cuMemsetD8", addresses[i], (byte) (i + 1), (long) bytes);
                    }
                    for (int i = 0; i < addresses.length; i++) {
                        byte[] content = trial.read(addresses[i], bytes);
                        trial.that(content[0] == i + 1 && content[bytes - 1] == i + 1, "another one wrote into " + i);
                    }
                })
                .answers(INVALID_VALUE, "cuMemAlloc/zero", "0 bytes cannot be allocated", OUT, 0L)
                .answers(INVALID_VALUE, "cuMemAlloc/null", "the place must not be NULL", NULL, 512L)
                .answers(OUT_OF_MEMORY, "cuMemAlloc/too-much", "more than any device has is refused", OUT, 1L << 50)
                .check("cuMemAlloc/more-than-free", "more than the device's whole memory is refused", trial -> {
                    long whole = trial.longFrom("cuDeviceTotalMem", 0);
                    trial.expect(OUT_OF_MEMORY, "cuMemAlloc", OUT, whole + (1L << 21));
                })
                .check("cuMemAlloc/after-refusal", "after a refusal what there is can still be allocated", trial -> {
                    trial.expect(OUT_OF_MEMORY, "cuMemAlloc", OUT, 1L << 50);
                    trial.memory(4096);
                    trial.ok("cuCtxSynchronize");
                });
    }

    private static void freeing(Group group) {
        group.check("cuMemFree/again", "memory that was freed cannot be freed again", trial -> {
                    long address = trial.longFrom("cuMemAlloc", 4096L);
                    trial.ok("cuMemFree", address);
                    trial.expect(INVALID_VALUE, "cuMemFree", address);
                })
                .check("cuMemFree/inside", "only the address that an allocation returned can be freed", trial -> {
                    long address = trial.memory(8192);
                    trial.expect(INVALID_VALUE, "cuMemFree", address + 256);
                })
                .answers(INVALID_VALUE, "cuMemFree/never", "an address that nobody allocated", 0x10_0000_0200L)
                .check("cuMemFree/reuse", "what was freed can be allocated again", trial -> {
                    long bytes = trial.put("cuMemGetInfo", OUT).getLong(0) / 8 * 5;
                    for (int i = 0; i < 3; i++) {
                        trial.ok("cuMemFree", trial.longFrom("cuMemAlloc", bytes));
                    }
                })
                .check("cuMemFree/other-context", "memory can be freed while another context is current", trial -> {
                    long address = trial.longFrom("cuMemAlloc", 4096L);
                    trial.context(0);
                    trial.ok("cuMemFree", address);
                });
    }

    private static void pitch(Group group) {
        group.check("cuMemAllocPitch/pitch", "a pitch holds a row and is aligned for textures", trial -> {
                    Memory alignment = trial.room(4);
                    trial.ok("cuDeviceGetAttribute", alignment, TEXTURE_PITCH_ALIGNMENT, 0);
                    for (long width : new long[] {1, 63, 1000, 4097}) {
                        Memory pitch = trial.room(8);
                        long address = trial.longFrom("cuMemAllocPitch", pitch, width, 7L, 4);
                        trial.laterCall("cuMemFree", address);
                        trial.that(pitch.getLong(0) >= width, "a pitch of " + pitch.getLong(0) + " for " + width);
                        trial.equal(0, pitch.getLong(0) % Math.max(1, alignment.getInt(0)), "pitch beyond alignment");
                    }
                })
                .check("cuMemAllocPitch/rows", "all rows of the height can be written", trial -> {
                    Memory pitch = trial.room(8);
                    long address = trial.longFrom("cuMemAllocPitch", pitch, 100L, 5L, 16);
                    trial.laterCall("cuMemFree", address);
                    trial.ok("cuMemsetD8", address, (byte) 9, 4 * pitch.getLong(0) + 100);
                    trial.equal(9, trial.read(address + 4 * pitch.getLong(0), 100)[99], "the last byte");
                });
        for (int element : new int[] {4, 8, 16}) {
            group.answers(
                    SUCCESS,
                    "cuMemAllocPitch/element-" + element,
                    "elements may be 4, 8 or 16 bytes",
                    OUT,
                    OUT,
                    64L,
                    2L,
                    element);
        }
        for (int element : new int[] {0, 1, 3, 32}) {
            group.answers(
                    INVALID_VALUE,
                    "cuMemAllocPitch/element-" + element,
                    "elements may be 4, 8 or 16 bytes and nothing else",
                    OUT,
                    OUT,
                    64L,
                    2L,
                    element);
        }
        group.answers(INVALID_VALUE, "cuMemAllocPitch/null", "the place must not be NULL", NULL, OUT, 64L, 2L, 4)
                .answers(INVALID_VALUE, "cuMemAllocPitch/null-pitch", "nor that for the pitch", OUT, NULL, 64L, 2L, 4)
                .answers(INVALID_VALUE, "cuMemAllocPitch/no-width", "0 bytes cannot be allocated", OUT, OUT, 0L, 2L, 4)
                .answers(
                        INVALID_VALUE, "cuMemAllocPitch/no-height", "0 bytes cannot be allocated", OUT, OUT, 64L, 0L, 4)
                .answers(
                        OUT_OF_MEMORY.or(INVALID_VALUE),
                        "cuMemAllocPitch/too-much",
                        "more than any device has is refused",
                        OUT,
                        OUT,
                        1L << 30,
                        1L << 20,
                        4);
    }

    private static void ranges(Group group) {
        group.check(
                        "cuMemGetAddressRange/inside",
                        "an address inside an allocation tells its beginning and size",
                        trial -> {
                            long address = trial.memory(5000);
                            Memory base = trial.room(8);
                            Memory bytes = trial.room(8);
                            trial.ok("cuMemGetAddressRange", base, bytes, address + 4999);
                            trial.equal(0, base.getLong(0) - address, "the beginning, from the allocation's");
                            trial.equal(5000, bytes.getLong(0), "the size");
                        })
                .check(
                        "cuMemGetAddressRange/base-only",
                        "the place for the size may be NULL",
                        trial -> trial.ok("cuMemGetAddressRange", OUT, NULL, trial.memory(4096)))
                .check(
                        "cuMemGetAddressRange/size-only",
                        "the place for the beginning may be NULL",
                        trial -> trial.ok("cuMemGetAddressRange", NULL, OUT, trial.memory(4096)))
                .answers(
                        NOT_FOUND.or(INVALID_VALUE),
                        "cuMemGetAddressRange/host",
                        "ordinary host memory is in no allocation",
                        OUT,
                        OUT,
                        HOST_MEMORY)
                .check("cuMemGetAddressRange/freed", "freed memory is in no allocation", trial -> {
                    long address = trial.longFrom("cuMemAlloc", 4096L);
                    trial.ok("cuMemFree", address);
                    trial.expect(NOT_FOUND.or(INVALID_VALUE), "cuMemGetAddressRange", OUT, OUT, address);
                });
    }

    private static void amounts(Group group) {
        group.check("cuMemGetInfo/total", "what is free is no more than what there is", trial -> {
                    Memory free = trial.room(8);
                    Memory total = trial.room(8);
                    trial.ok("cuMemGetInfo", free, total);
                    trial.that(free.getLong(0) > 0 && free.getLong(0) <= total.getLong(0), "free is more than total");
                    trial.that(
                            total.getLong(0) <= trial.longFrom("cuDeviceTotalMem", 0),
                            "total is more than the device's memory");
                })
                .check("cuMemGetInfo/less", "an allocation takes of what is free", trial -> {
                    Memory before = trial.put("cuMemGetInfo", OUT);
                    long bytes = before.getLong(0) / 2;
                    trial.memory(bytes);
                    long after = trial.put("cuMemGetInfo", OUT).getLong(0);
                    // Other processes may use the device as well.
                    trial.that(
                            before.getLong(0) - after > bytes / 2,
                            "half of it was allocated and still " + 100 * after / before.getLong(0) + " % are free");
                })
                .check("cuMemAlloc/different", "a thousand small allocations have a thousand addresses", trial -> {
                    Set<Long> addresses = new HashSet<>();
                    for (int i = 0; i < 1000; i++) {
                        addresses.add(trial.memory(64));
                    }
                    trial.equal(1000, addresses.size(), "different addresses");
                });
    }
}
