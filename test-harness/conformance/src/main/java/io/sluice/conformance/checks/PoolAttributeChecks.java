package io.sluice.conformance.checks;

import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Trial;

/** What pools tell of themselves, what they keep, and when they give it back. */
final class PoolAttributeChecks {
    private static final int REUSE_FOLLOW_EVENT_DEPENDENCIES = 1;
    private static final int REUSE_ALLOW_OPPORTUNISTIC = 2;
    private static final int REUSE_ALLOW_INTERNAL_DEPENDENCIES = 3;
    private static final int RELEASE_THRESHOLD = 4;
    private static final int RESERVED_MEM_CURRENT = 5;
    private static final int RESERVED_MEM_HIGH = 6;
    private static final int USED_MEM_CURRENT = 7;
    private static final int USED_MEM_HIGH = 8;
    private static final long KEEP_ALL = -1;
    private static final long BYTES = PoolChecks.BYTES;

    private PoolAttributeChecks() {}

    static void declare(Group group) {
        settings(group);
        amounts(group);
        releasing(group);
    }

    private static void settings(Group group) {
        for (int attribute :
                new int[] {REUSE_FOLLOW_EVENT_DEPENDENCIES, REUSE_ALLOW_OPPORTUNISTIC, REUSE_ALLOW_INTERNAL_DEPENDENCIES
                }) {
            group.check("cuMemPoolSetAttribute/reuse-" + attribute, "reuse is on, and can be turned off", trial -> {
                Pointer pool = PoolChecks.pool(trial);
                trial.equal(1, get(trial, pool, attribute) & 0xffff_ffffL, "at first");
                trial.ok(
                        "cuMemPoolSetAttribute",
                        pool,
                        attribute,
                        Struct.of(8).i32(0).done());
                trial.equal(0, get(trial, pool, attribute) & 0xffff_ffffL, "afterwards");
            });
        }
        group.check(
                        "cuMemPoolGetAttribute/threshold-default",
                        "at first a pool is to keep nothing",
                        trial -> trial.equal(0, get(trial, PoolChecks.pool(trial), RELEASE_THRESHOLD), "the threshold"))
                .check("cuMemPoolSetAttribute/threshold", "the threshold that was set is read back", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    set(trial, pool, RELEASE_THRESHOLD, 12_345_678);
                    trial.equal(12_345_678, get(trial, pool, RELEASE_THRESHOLD), "the threshold");
                })
                .check(
                        "cuMemPoolSetAttribute/current",
                        "how much is used cannot be set",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemPoolSetAttribute",
                                PoolChecks.pool(trial),
                                USED_MEM_CURRENT,
                                Struct.of(8).i64(0).done()))
                .check(
                        "cuMemPoolSetAttribute/high",
                        "a high-water mark can be set to 0 alone",
                        trial -> trial.expect(
                                INVALID_VALUE,
                                "cuMemPoolSetAttribute",
                                PoolChecks.pool(trial),
                                USED_MEM_HIGH,
                                Struct.of(8).i64(1).done()))
                .check(
                        "cuMemPoolGetAttribute/unknown",
                        "no attribute",
                        trial -> trial.expect(
                                INVALID_VALUE, "cuMemPoolGetAttribute", PoolChecks.pool(trial), 99, trial.room(8)));
    }

    private static void amounts(Group group) {
        group.check("cuMemPoolGetAttribute/new", "a new pool has neither reserved nor used memory", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    trial.equal(0, get(trial, pool, RESERVED_MEM_CURRENT), "reserved");
                    trial.equal(0, get(trial, pool, USED_MEM_CURRENT), "used");
                })
                .check("cuMemPoolGetAttribute/used", "counts what is allocated, and reserves at least that", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, pool, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    long used = get(trial, pool, USED_MEM_CURRENT);
                    trial.that(used >= BYTES && used <= 2 * BYTES, used + " bytes used for " + BYTES);
                    trial.that(get(trial, pool, RESERVED_MEM_CURRENT) >= used, "less is reserved than used");
                    trial.ok("cuMemFreeAsync", memory, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.equal(0, get(trial, pool, USED_MEM_CURRENT), "used after all was freed");
                })
                .check("cuMemPoolGetAttribute/used-high", "the high-water mark remembers the most at once", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    Pointer stream = trial.stream(0);
                    trial.ok("cuMemFreeAsync", allocate(trial, pool, stream), stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.that(get(trial, pool, USED_MEM_HIGH) >= BYTES, "less than what was used");
                    set(trial, pool, USED_MEM_HIGH, 0);
                    trial.equal(0, get(trial, pool, USED_MEM_HIGH), "after it was set to 0");
                })
                .check("cuMemPoolGetAttribute/reserved-high", "the same for what was reserved", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    Pointer stream = trial.stream(0);
                    trial.ok("cuMemFreeAsync", allocate(trial, pool, stream), stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.that(get(trial, pool, RESERVED_MEM_HIGH) >= BYTES, "less than what was reserved");
                });
    }

    private static void releasing(Group group) {
        synchronising(group, "cuStreamSynchronize", (trial, stream) -> trial.ok("cuStreamSynchronize", stream));
        synchronising(group, "cuCtxSynchronize", (trial, stream) -> trial.ok("cuCtxSynchronize"));
        synchronising(group, "cuEventSynchronize", (trial, stream) -> {
            Pointer event = trial.event(0);
            trial.ok("cuEventRecord", event, stream);
            trial.ok("cuEventSynchronize", event);
        });
        group.check(
                        "cuMemPoolSetAttribute/threshold-keeps",
                        "below the threshold freed memory stays reserved",
                        trial -> {
                            Pointer pool = freed(trial, KEEP_ALL);
                            trial.that(get(trial, pool, RESERVED_MEM_CURRENT) >= BYTES, "it was given back");
                        })
                .check("cuMemPoolTrimTo/zero", "gives back all that is not used", trial -> {
                    Pointer pool = freed(trial, KEEP_ALL);
                    trial.ok("cuMemPoolTrimTo", pool, 0L);
                    trial.equal(0, get(trial, pool, RESERVED_MEM_CURRENT), "reserved");
                })
                .check("cuMemPoolTrimTo/keeps", "leaves at least what it was told to keep", trial -> {
                    Pointer pool = freed(trial, KEEP_ALL);
                    trial.ok("cuMemPoolTrimTo", pool, BYTES / 2);
                    trial.that(get(trial, pool, RESERVED_MEM_CURRENT) >= BYTES / 2, "more was given back");
                })
                .check("cuMemPoolTrimTo/used", "does not touch what is in use", trial -> {
                    Pointer pool = PoolChecks.pool(trial);
                    Pointer stream = trial.stream(0);
                    long memory = allocate(trial, pool, stream);
                    trial.laterCall("cuMemFreeAsync", memory, stream);
                    trial.ok("cuMemsetD8Async", memory, (byte) 6, BYTES, stream);
                    trial.ok("cuStreamSynchronize", stream);
                    trial.ok("cuMemPoolTrimTo", pool, 0L);
                    trial.equal(6, trial.read(memory, 1)[0], "the first byte");
                    trial.that(get(trial, pool, RESERVED_MEM_CURRENT) >= BYTES, "what is in use was given back");
                })
                .check(
                        "cuMemAllocFromPoolAsync/reuse",
                        "what was freed before in the stream can be had again",
                        trial -> {
                            Pointer pool = PoolChecks.pool(trial);
                            long most = trial.put("cuMemGetInfo", trial.room(8)).getLong(0) / 8 * 5;
                            Pointer stream = trial.stream(0);
                            for (int i = 0; i < 3; i++) {
                                long memory = trial.longFrom("cuMemAllocFromPoolAsync", most, pool, stream);
                                trial.ok("cuMemFreeAsync", memory, stream);
                            }
                            trial.ok("cuStreamSynchronize", stream);
                        });
    }

    /** Documented for the next call that synchronises a stream, an event or a context. */
    private static void synchronising(Group group, String function, Wait wait) {
        group.check(function + "/releases-pool", "gives back what the pool holds beyond its threshold", trial -> {
            Pointer pool = PoolChecks.pool(trial);
            Pointer stream = trial.stream(0);
            trial.ok("cuMemFreeAsync", allocate(trial, pool, stream), stream);
            wait.on(trial, stream);
            trial.equal(0, get(trial, pool, RESERVED_MEM_CURRENT), "reserved");
        });
    }

    private interface Wait {
        void on(Trial trial, Pointer stream);
    }

    /** A pool with this threshold, in which something was allocated and freed. */
    private static Pointer freed(Trial trial, long threshold) {
        Pointer pool = PoolChecks.pool(trial);
        set(trial, pool, RELEASE_THRESHOLD, threshold);
        Pointer stream = trial.stream(0);
        trial.ok("cuMemFreeAsync", allocate(trial, pool, stream), stream);
        trial.ok("cuStreamSynchronize", stream);
        return pool;
    }

    private static long allocate(Trial trial, Pointer pool, Pointer stream) {
        return trial.longFrom("cuMemAllocFromPoolAsync", BYTES, pool, stream);
    }

    private static long get(Trial trial, Pointer pool, int attribute) {
        Memory value = trial.room(8);
        trial.ok("cuMemPoolGetAttribute", pool, attribute, value);
        return value.getLong(0);
    }

    private static void set(Trial trial, Pointer pool, int attribute, long value) {
        trial.ok(
                "cuMemPoolSetAttribute",
                pool,
                attribute,
                Struct.of(8).i64(value).done());
    }
}
