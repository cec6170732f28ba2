package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Given.STREAM;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_READY;
import static io.sluice.conformance.Result.OUT_OF_MEMORY;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Memory that is allocated and freed in the order of streams. {@link PoolAttributeChecks} has what pools tell of themselves. */
final class PoolChecks {
    static final long BYTES = 8L << 20;
    private static final int POINTER_MEMPOOL_HANDLE = 17;
    private static final int LOCATION_DEVICE = 1;
    private static final int TYPE_PINNED = 1;
    private static final int PROT_READWRITE = 3;

    private PoolChecks() {}

    static void declare(Suite suite) {
        Group pools = suite.section(Section.POOLS).promisedBy(Attribute.MEMORY_POOLS_SUPPORTED);
        allocating(pools);
        refusals(pools);
        devicePools(pools);
        ownPools(pools);
        PoolAttributeChecks.declare(pools);
    }

    private static void allocating(Group group) {
        group.check("cuMemAllocAsync/use", "memory can be used in its stream as soon as the call is back", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, stream, BYTES);
                    trial.ok("cuMemsetD8Async", memory, (byte) 5, BYTES, stream);
                    Pointer host = trial.pinned(16);
                    trial.ok("cuMemcpyDtoHAsync", host, memory + BYTES - 16, 16L, stream);
                    trial.ok("cuMemFreeAsync", memory, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(5, host.getByte(15), "the last byte");
                })
                .check("cuMemAllocAsync/asynchronous", "allocating and freeing do not wait for the stream", trial -> {
                    Pointer stream = trial.stream(0);
                    Gate gate = trial.gate(stream);
                    long memory = allocate(trial, stream, BYTES);
                    trial.ok("cuMemFreeAsync", memory, stream);
                    trial.expect(NOT_READY, "cuStreamQuery", stream);
                    gate.open();
                    trial.ok("cuStreamSynchronize", stream);
                })
                .check("cuMemAllocAsync/disjoint", "what is not freed yet is not given out again", trial -> {
                    Pointer stream = trial.stream(0);
                    long first = allocate(trial, stream, 1000);
                    long second = allocate(trial, stream, 1000);
                    trial.laterCall("cuMemFreeAsync", first, stream);
                    trial.laterCall("cuMemFreeAsync", second, stream);
                    trial.ok("cuMemsetD8Async", first, (byte) 1, 1000L, stream);
                    trial.ok("cuMemsetD8Async", second, (byte) 2, 1000L, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(1, trial.read(first, 1000)[999], "the last byte of the first");
                    trial.equal(2, trial.read(second, 1000)[0], "the first byte of the second");
                })
                .check(
                        "cuMemFreeAsync/other-stream",
                        "may be freed in another stream that waits for its use",
                        trial -> {
                            Pointer first = trial.stream(1);
                            Pointer second = trial.stream(1);
                            Pointer event = trial.event(2);
                            long memory = allocate(trial, first, BYTES);
                            trial.ok("cuMemsetD8Async", memory, (byte) 7, BYTES, first);
                            trial.ok("cuEventRecord", event, first);
                            trial.ok("cuStreamWaitEvent", second, event, 0);
                            Pointer host = trial.pinned(16);
                            trial.ok("cuMemcpyDtoHAsync", host, memory, 16L, second);
                            trial.ok("cuMemFreeAsync", memory, second);
                            trial.ok("cuStreamSynchronize", second);
                            trial.equal(7, host.getByte(0), "what the second stream saw");
                        })
                .check("cuMemFree/of-pool", "may be freed without a stream once nothing uses it", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, stream, BYTES);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.ok("cuMemFree", memory);
                })
                .check(
                        "cuMemAllocAsync/outlives-context",
                        "belongs to no context, and stays when one is destroyed",
                        trial -> {
                            Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                            Pointer stream = trial.handleFrom("cuStreamCreate", 0);
                            long memory = allocate(trial, stream, 4096);
                            trial.ok("cuMemsetD8Async", memory, (byte) 4, 4096L, stream);
                            trial.ok("cuStreamSynchronize", stream);
                            trial.ok("cuCtxDestroy", context);
                            trial.equal(4, trial.read(memory, 4096)[4095], "the last byte");
                            trial.ok("cuMemFreeAsync", memory, NULL);
                        });
    }

    private static void refusals(Group group) {
        group.answers(INVALID_VALUE, "cuMemAllocAsync/zero", "0 bytes cannot be allocated", OUT, 0L, STREAM)
                .answers(INVALID_VALUE, "cuMemAllocAsync/null", "the place must not be NULL", NULL, 512L, STREAM)
                .answers(OUT_OF_MEMORY, "cuMemAllocAsync/too-much", "more than any device has", OUT, 1L << 50, STREAM)
                .answers(INVALID_VALUE, "cuMemFreeAsync/zero", "0 is no address", 0L, STREAM)
                .check("cuMemFreeAsync/again", "what was freed cannot be freed again", trial -> {
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, stream, BYTES);
                    trial.ok("cuMemFreeAsync", memory, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.expect(INVALID_VALUE, "cuMemFreeAsync", memory, stream);
                })
                .answers(
                        REFUSED_HANDLE,
                        "cuMemAllocFromPoolAsync/null-pool",
                        "NULL is no pool",
                        OUT,
                        512L,
                        NULL,
                        STREAM);
    }

    private static void devicePools(Group group) {
        group.check(
                        "cuDeviceGetDefaultMemPool/same",
                        "a device has one default pool",
                        trial -> trial.that(defaultPool(trial).equals(defaultPool(trial)), "two pools"))
                .check(
                        "cuDeviceGetMemPool/default",
                        "the default pool is current unless another was set",
                        trial -> trial.that(
                                defaultPool(trial).equals(trial.handleFrom("cuDeviceGetMemPool", 0)),
                                "another pool is current"))
                .check("cuDeviceSetMemPool/current", "allocations come from the pool that is current", trial -> {
                    Pointer pool = pool(trial);
                    trial.ok("cuDeviceSetMemPool", 0, pool);
                    trial.laterCall("cuDeviceSetMemPool", 0, defaultPool(trial));
                    trial.that(pool.equals(trial.handleFrom("cuDeviceGetMemPool", 0)), "another pool is current");
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, stream, BYTES);
                    trial.laterCall("cuMemFreeAsync", memory, stream);
                    Pointer of = trial.put("cuPointerGetAttribute", POINTER_MEMPOOL_HANDLE, memory)
                            .getPointer(0);
                    trial.that(pool.equals(of), "it came from another pool");
                })
                .check(
                        "cuMemPoolDestroy/current",
                        "when the current pool is destroyed the default one is current",
                        trial -> {
                            Pointer pool = trial.handleFrom("cuMemPoolCreate", properties(0));
                            trial.ok("cuDeviceSetMemPool", 0, pool);
                            trial.laterCall("cuDeviceSetMemPool", 0, defaultPool(trial));
                            trial.ok("cuMemPoolDestroy", pool);
                            trial.that(
                                    defaultPool(trial).equals(trial.handleFrom("cuDeviceGetMemPool", 0)),
                                    "another pool is current");
                        })
                .check(
                        "cuMemPoolDestroy/default",
                        "the default pool cannot be destroyed",
                        trial ->
                                trial.that(trial.call("cuMemPoolDestroy", defaultPool(trial)) != 0, "it was destroyed"))
                .answers(INVALID_VALUE, "cuDeviceGetDefaultMemPool/null", "the place must not be NULL", NULL, 0)
                .answers(INVALID_DEVICE, "cuDeviceGetDefaultMemPool/no-device", "-1 is no device", OUT, -1)
                .answers(REFUSED_HANDLE, "cuDeviceSetMemPool/null", "NULL is no pool", 0, NULL);
    }

    private static void ownPools(Group group) {
        group.check("cuMemAllocFromPoolAsync/pool", "allocates from the pool that is named", trial -> {
                    Pointer pool = pool(trial);
                    Pointer stream = trial.stream(0);
                    long memory = trial.longFrom("cuMemAllocFromPoolAsync", BYTES, pool, stream);
                    trial.laterCall("cuMemFreeAsync", memory, stream);
                    Pointer of = trial.put("cuPointerGetAttribute", POINTER_MEMPOOL_HANDLE, memory)
                            .getPointer(0);
                    trial.that(pool.equals(of), "it came from another pool");
                })
                .check("cuMemPoolDestroy/in-use", "memory of a destroyed pool is good until it is freed", trial -> {
                    Pointer pool = trial.handleFrom("cuMemPoolCreate", properties(0));
                    Pointer stream = trial.stream(0);
                    long memory = trial.longFrom("cuMemAllocFromPoolAsync", 4096L, pool, stream);
                    trial.ok("cuMemPoolDestroy", pool);
                    trial.ok("cuMemsetD8Async", memory, (byte) 3, 4096L, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(3, trial.read(memory, 4096)[0], "the first byte");
                    trial.ok("cuMemFreeAsync", memory, stream);
                })
                .answers(INVALID_VALUE, "cuMemPoolCreate/null", "the properties must not be NULL", OUT, NULL)
                .answers(
                        INVALID_VALUE.or(INVALID_DEVICE),
                        "cuMemPoolCreate/no-device",
                        "a device that there is not",
                        OUT,
                        properties(1000))
                .answers(REFUSED_HANDLE, "cuMemPoolDestroy/null", "NULL is no pool", NULL)
                .check("cuMemPoolGetAccess/own", "the pool's own device may read and write", trial -> {
                    Memory location = Struct.of(8).i32(LOCATION_DEVICE, 0).done();
                    trial.equal(
                            PROT_READWRITE, trial.intFrom("cuMemPoolGetAccess", pool(trial), location), "the access");
                })
                .check("cuMemPoolSetAccess/own", "access of the pool's own device cannot be taken away", trial -> {
                    Memory none = Struct.of(12).i32(LOCATION_DEVICE, 0, 0).done();
                    trial.that(trial.call("cuMemPoolSetAccess", pool(trial), none, 1L) != 0, "it was taken away");
                });
    }

    static long allocate(Trial trial, Pointer stream, long bytes) {
        return trial.longFrom("cuMemAllocAsync", bytes, stream);
    }

    static Pointer pool(Trial trial) {
        Pointer pool = trial.handleFrom("cuMemPoolCreate", properties(0));
        trial.laterCall("cuMemPoolDestroy", pool);
        return pool;
    }

    private static Pointer defaultPool(Trial trial) {
        return trial.handleFrom("cuDeviceGetDefaultMemPool", 0);
    }

    /** A CUmemPoolProps without handle types. */
    private static Memory properties(int device) {
        return Struct.of(128).i32(TYPE_PINNED, 0, LOCATION_DEVICE, device).done();
    }
}
