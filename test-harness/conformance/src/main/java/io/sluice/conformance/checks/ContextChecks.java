package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.BEYOND_LAST_DEVICE;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.CONTEXT_IS_DESTROYED;
import static io.sluice.conformance.Result.INVALID_CONTEXT;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.SUCCESS;
import static io.sluice.conformance.Result.UNSUPPORTED_LIMIT;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;

/** Contexts, a thread's stack of them, and what is set for each. */
final class ContextChecks {
    private static final int SCHED_BLOCKING_SYNC = 4;
    private static final int SCHED_MASK = 7;
    private static final int LIMIT_STACK_SIZE = 0;
    private static final int LIMIT_PRINTF_FIFO_SIZE = 1;
    private static final int LIMIT_MALLOC_HEAP_SIZE = 2;
    private static final int NO_LIMIT = 9_999;

    private ContextChecks() {}

    static void declare(Suite suite) {
        Group contexts = suite.section(Section.CONTEXTS);
        creating(contexts);
        stack(contexts);
        withoutContext(contexts);
        destroying(contexts);
        questions(contexts);
        limits(contexts);
        preferences(contexts);
    }

    private static void creating(Group group) {
        group.check("cuCtxCreate/current", "the new context is current", trial -> {
                    Pointer context = trial.context(0);
                    trial.that(context.equals(trial.current()), "another context is current");
                })
                .check("cuCtxCreate/pushed", "what was current before is so again after a pop", trial -> {
                    Pointer before = trial.current();
                    Pointer context = trial.context(0);
                    trial.that(context.equals(trial.handleFrom("cuCtxPopCurrent")), "the pop gave another context");
                    trial.that(before != null && before.equals(trial.current()), "another context is current");
                })
                .check("cuCtxCreate/different", "each call makes another context", trial -> {
                    trial.that(!trial.context(0).equals(trial.context(0)), "two calls gave one context");
                })
                .answers(INVALID_VALUE, "cuCtxCreate/null", "the place must not be NULL", NULL, 0, 0)
                .answers(INVALID_DEVICE, "cuCtxCreate/no-device", "-1 is no device", OUT, 0, -1)
                .answers(INVALID_DEVICE, "cuCtxCreate/beyond", "the count is no device", OUT, 0, BEYOND_LAST_DEVICE)
                .answers(INVALID_VALUE, "cuCtxCreate/flags", "a flag that there is not", OUT, 0x4000_0000, 0)
                .answers(INVALID_VALUE, "cuCtxCreate/two-schedulings", "only one way of waiting can be set", OUT, 3, 0);
    }

    private static void stack(Group group) {
        group.check("cuCtxPushCurrent/order", "the stack gives back in reverse order", trial -> {
                    Pointer first = trial.context(0);
                    Pointer second = trial.context(0);
                    trial.ok("cuCtxPushCurrent", first);
                    trial.that(first.equals(trial.handleFrom("cuCtxPopCurrent")), "the first pop gave another");
                    trial.that(second.equals(trial.handleFrom("cuCtxPopCurrent")), "the second pop gave another");
                    trial.that(first.equals(trial.handleFrom("cuCtxPopCurrent")), "the third pop gave another");
                })
                .answers(INVALID_VALUE.or(INVALID_CONTEXT), "cuCtxPushCurrent/null", "NULL is no context to push", NULL)
                .check("cuCtxSetCurrent/replaces", "replaces the top of the stack", trial -> {
                    Pointer home = trial.current();
                    Pointer first = trial.context(0);
                    Pointer second = trial.context(0);
                    trial.put("cuCtxPopCurrent");
                    trial.ok("cuCtxSetCurrent", second);
                    trial.put("cuCtxPopCurrent");
                    trial.that(
                            home != null && home.equals(trial.current()),
                            first.equals(trial.current()) ? "the old top is still below" : "another context is below");
                })
                .check("cuCtxSetCurrent/null-pops", "NULL pops the top of the stack", trial -> {
                    Pointer home = trial.current();
                    trial.context(0);
                    trial.ok("cuCtxSetCurrent", NULL);
                    trial.that(home != null && home.equals(trial.current()), "the context below is not current");
                })
                .check("cuCtxSetCurrent/null-on-empty", "NULL is fine where nothing is current", trial -> {
                    trial.ok("cuCtxSetCurrent", NULL);
                    trial.ok("cuCtxSetCurrent", NULL);
                })
                .answers(INVALID_VALUE, "cuCtxGetCurrent/null", "the place must not be NULL", NULL)
                .check("cuCtxGetCurrent/threads", "each thread has a stack of its own, empty at first", trial -> {
                    Memory elsewhere = trial.room(8);
                    elsewhere.setLong(0, 1);
                    trial.inThread(() -> trial.ok("cuCtxGetCurrent", elsewhere));
                    trial.equal(0, elsewhere.getLong(0), "the context of a new thread");
                })
                .check("cuCtxSetCurrent/two-threads", "a context may be current to several threads", trial -> {
                    Pointer context = trial.context(0);
                    trial.inThread(() -> {
                        trial.ok("cuCtxSetCurrent", context);
                        trial.ok("cuMemFree", trial.longFrom("cuMemAlloc", 1024L));
                    });
                    trial.ok("cuMemFree", trial.longFrom("cuMemAlloc", 1024L));
                });
    }

    private static void withoutContext(Group group) {
        row(group, "cuCtxPopCurrent", OUT);
        row(group, "cuCtxSynchronize");
        row(group, "cuCtxGetDevice", OUT);
        row(group, "cuCtxGetFlags", OUT);
        row(group, "cuCtxGetLimit", OUT, LIMIT_STACK_SIZE);
        row(group, "cuCtxSetLimit", LIMIT_STACK_SIZE, 1024L);
        row(group, "cuCtxGetCacheConfig", OUT);
        row(group, "cuCtxSetCacheConfig", 0);
        row(group, "cuMemAlloc", OUT, 512L);
        row(group, "cuMemAllocPitch", OUT, OUT, 64L, 4L, 4);
        row(group, "cuMemGetInfo", OUT, OUT);
        row(group, "cuStreamCreate", OUT, 0);
        row(group, "cuEventCreate", OUT, 0);
        row(group, "cuModuleLoadData", OUT, Kernels.image("x"));
    }

    private static void row(Group group, String function, Object... arguments) {
        group.check(
                function + "/without-context",
                "needs a current context: without one it answers that the context is invalid",
                trial -> {
                    trial.ok("cuCtxSetCurrent", NULL);
                    trial.expect(INVALID_CONTEXT, function, arguments);
                });
    }

    private static void destroying(Group group) {
        group.check("cuCtxDestroy/pops", "a current context is popped", trial -> {
                    Pointer home = trial.current();
                    trial.ok("cuCtxDestroy", trial.handleFrom("cuCtxCreate", 0, 0));
                    trial.that(home != null && home.equals(trial.current()), "the context below is not current");
                })
                .answers(INVALID_VALUE.or(INVALID_CONTEXT), "cuCtxDestroy/null", "NULL is no context", NULL)
                .check("cuCtxDestroy/other-thread", "stays current to other threads, and is of no use there", trial -> {
                    Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                    trial.put("cuCtxPopCurrent");
                    // NVIDIA's documentation names the first; drivers have answered the second.
                    trial.inThread(() -> {
                        trial.ok("cuCtxSetCurrent", context);
                        trial.inThread(() -> trial.ok("cuCtxDestroy", context));
                        trial.expect(CONTEXT_IS_DESTROYED.or(INVALID_CONTEXT), "cuMemAlloc", OUT, 512L);
                    });
                })
                .check("cuCtxDestroy/memory", "gives back the memory that was allocated in it", trial -> {
                    Memory before = trial.put("cuMemGetInfo", OUT);
                    long bytes = before.getLong(0) / 4;
                    Pointer context = trial.handleFrom("cuCtxCreate", 0, 0);
                    for (int i = 0; i < 3; i++) {
                        trial.longFrom("cuMemAlloc", bytes);
                    }
                    trial.ok("cuCtxDestroy", context);
                    long again = trial.longFrom("cuMemAlloc", 2 * bytes);
                    trial.ok("cuMemFree", again);
                });
    }

    private static void questions(Group group) {
        group.check("cuCtxGetDevice/device", "is the device that the context was made for", trial -> {
                    trial.context(0);
                    trial.equal(trial.device(), trial.intFrom("cuCtxGetDevice"), "the device");
                })
                .answers(INVALID_VALUE, "cuCtxGetDevice/null", "the place must not be NULL", NULL)
                .check("cuCtxGetFlags/created", "are those that the context was made with", trial -> {
                    trial.context(SCHED_BLOCKING_SYNC);
                    trial.equal(SCHED_BLOCKING_SYNC, trial.intFrom("cuCtxGetFlags") & SCHED_MASK, "the flags");
                })
                .answers(INVALID_VALUE, "cuCtxGetFlags/null", "the place must not be NULL", NULL)
                .check("cuCtxGetApiVersion/current", "NULL stands for the current context", trial -> {
                    Memory named = trial.room(4);
                    Memory current = trial.room(4);
                    trial.ok("cuCtxGetApiVersion", trial.context(0), named);
                    trial.ok("cuCtxGetApiVersion", NULL, current);
                    trial.equal(named.getInt(0), current.getInt(0), "the version of the current context");
                    trial.that(named.getInt(0) >= 3010, "the version is " + named.getInt(0));
                })
                .check("cuCtxGetId/unique", "each context has an id of its own", trial -> {
                    Memory first = trial.room(8);
                    Memory second = trial.room(8);
                    trial.ok("cuCtxGetId", trial.context(0), first);
                    trial.ok("cuCtxGetId", trial.context(0), second);
                    trial.that(first.getLong(0) != second.getLong(0), "two contexts have one id");
                })
                .check("cuCtxGetId/current", "NULL stands for the current context", trial -> {
                    Memory named = trial.room(8);
                    Memory current = trial.room(8);
                    trial.ok("cuCtxGetId", trial.context(0), named);
                    trial.ok("cuCtxGetId", NULL, current);
                    trial.equal(named.getLong(0), current.getLong(0), "the id of the current context");
                })
                .check("cuCtxGetStreamPriorityRange/order", "lower numbers are greater priorities", trial -> {
                    Memory least = trial.room(4);
                    Memory greatest = trial.room(4);
                    trial.ok("cuCtxGetStreamPriorityRange", least, greatest);
                    trial.that(greatest.getInt(0) <= least.getInt(0), "the greatest is above the least");
                })
                .answers(
                        SUCCESS,
                        "cuCtxGetStreamPriorityRange/null",
                        "either place may be NULL where it is not wanted",
                        NULL,
                        NULL);
    }

    private static void limits(Group group) {
        for (int limit : new int[] {LIMIT_STACK_SIZE, LIMIT_PRINTF_FIFO_SIZE, LIMIT_MALLOC_HEAP_SIZE}) {
            group.check(
                    "cuCtxSetLimit/" + limit,
                    "the limit is what was asked for, or what the driver made of it",
                    trial -> {
                        trial.context(0);
                        long asked = trial.longFrom("cuCtxGetLimit", limit) * 2;
                        trial.ok("cuCtxSetLimit", limit, asked);
                        long got = trial.longFrom("cuCtxGetLimit", limit);
                        trial.that(got >= asked, "less than what was asked for: " + got + " of " + asked);
                    });
        }
        group.check("cuCtxSetLimit/own", "limits belong to the context", trial -> {
                    trial.context(0);
                    long before = trial.longFrom("cuCtxGetLimit", LIMIT_MALLOC_HEAP_SIZE);
                    trial.ok("cuCtxSetLimit", LIMIT_MALLOC_HEAP_SIZE, before * 2);
                    trial.context(0);
                    trial.equal(before, trial.longFrom("cuCtxGetLimit", LIMIT_MALLOC_HEAP_SIZE), "of a new context");
                })
                .answers(INVALID_VALUE, "cuCtxGetLimit/null", "the place must not be NULL", NULL, LIMIT_STACK_SIZE)
                .answers(UNSUPPORTED_LIMIT.or(INVALID_VALUE), "cuCtxGetLimit/unknown", "no limit", OUT, NO_LIMIT)
                .answers(UNSUPPORTED_LIMIT.or(INVALID_VALUE), "cuCtxSetLimit/unknown", "no limit", NO_LIMIT, 1L);
    }

    private static void preferences(Group group) {
        for (int config = 0; config < 4; config++) {
            int wanted = config;
            group.check(
                    "cuCtxSetCacheConfig/" + config, "the preference is remembered, where caches can be set", trial -> {
                        trial.context(0);
                        trial.ok("cuCtxSetCacheConfig", wanted);
                        int got = trial.intFrom("cuCtxGetCacheConfig");
                        trial.that(got == wanted || got == 0, "preferring " + wanted + " reads as " + got);
                    });
        }
        group.answers(INVALID_VALUE, "cuCtxSetCacheConfig/unknown", "no preference", 77)
                .answers(INVALID_VALUE, "cuCtxGetCacheConfig/null", "the place must not be NULL", NULL)
                .answers(SUCCESS, "cuCtxResetPersistingL2Cache/any", "may be asked for on any device");
    }
}
