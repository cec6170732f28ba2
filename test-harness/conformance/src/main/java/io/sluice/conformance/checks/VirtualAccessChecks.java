package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.checks.VirtualMemoryChecks.accessOf;
import static io.sluice.conformance.checks.VirtualMemoryChecks.granularity;
import static io.sluice.conformance.checks.VirtualMemoryChecks.map;
import static io.sluice.conformance.checks.VirtualMemoryChecks.mapped;
import static io.sluice.conformance.checks.VirtualMemoryChecks.newHandle;
import static io.sluice.conformance.checks.VirtualMemoryChecks.properties;
import static io.sluice.conformance.checks.VirtualMemoryChecks.reserve;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Struct;

/** Who may reach mapped memory, and memory that leaves by a descriptor. */
final class VirtualAccessChecks {
    private static final int LOCATION_DEVICE = 1;
    private static final int POSIX_FILE_DESCRIPTOR = 1;
    private static final int PROT_NONE = 0;
    private static final int PROT_READWRITE = 3;

    private VirtualAccessChecks() {}

    static void declare(Group group) {
        access(group);
        handles(group.promisedBy(Attribute.HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED));
    }

    private static void access(Group group) {
        group.check("cuMemGetAccess/set", "is what was set", trial -> {
                    long address = mapped(trial, newHandle(trial, granularity(trial)));
                    Memory location = Struct.of(8).i32(LOCATION_DEVICE, 0).done();
                    trial.equal(PROT_READWRITE, trial.longFrom("cuMemGetAccess", location, address), "the access");
                })
                .check("cuMemGetAccess/not-set", "there is none before it is set", trial -> {
                    long address = reserve(trial, granularity(trial), 0);
                    map(trial, address, newHandle(trial, granularity(trial)));
                    Memory location = Struct.of(8).i32(LOCATION_DEVICE, 0).done();
                    trial.equal(PROT_NONE, trial.longFrom("cuMemGetAccess", location, address), "the access");
                })
                .check(
                        "cuMemSetAccess/not-mapped",
                        "needs memory at the address",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemSetAccess",
                                reserve(trial, granularity(trial), 0),
                                granularity(trial),
                                accessOf(PROT_READWRITE),
                                1L))
                .check(
                        "cuMemRetainAllocationHandle/same",
                        "the handle of mapped memory can be had by its address",
                        trial -> {
                            long handle = newHandle(trial, granularity(trial));
                            long retained = trial.longFrom("cuMemRetainAllocationHandle", mapped(trial, handle));
                            trial.laterCall("cuMemRelease", retained);
                            trial.that(handle == retained, "another handle");
                        });
    }

    private static void handles(Group group) {
        group.check(
                        "cuMemExportToShareableHandle/import",
                        "memory that comes back from a descriptor is the same memory",
                        trial -> {
                            long unit = granularity(trial);
                            long handle = trial.longFrom("cuMemCreate", unit, properties(POSIX_FILE_DESCRIPTOR), 0L);
                            trial.laterCall("cuMemRelease", handle);
                            int descriptor =
                                    trial.intFrom("cuMemExportToShareableHandle", handle, POSIX_FILE_DESCRIPTOR, 0L);
                            trial.that(descriptor >= 0, "no file descriptor");
                            long imported = trial.longFrom(
                                    "cuMemImportFromShareableHandle", new Pointer(descriptor), POSIX_FILE_DESCRIPTOR);
                            trial.laterCall("cuMemRelease", imported);
                            trial.write(mapped(trial, handle), new byte[] {7, 0, 0, 0});
                            trial.ok("cuCtxSynchronize");
                            trial.equal(
                                    7, trial.readInt(mapped(trial, imported)), "what is read by way of the descriptor");
                        })
                .check(
                        "cuMemExportToShareableHandle/not-asked-for",
                        "only what was created for it can be exported",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemExportToShareableHandle",
                                OUT,
                                newHandle(trial, granularity(trial)),
                                POSIX_FILE_DESCRIPTOR,
                                0L));
    }
}
