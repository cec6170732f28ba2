package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NOTHING;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** How many blocks a multiprocessor holds at once. */
final class OccupancyChecks {
    private OccupancyChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.OCCUPANCY);
        blocks(group);
        suggestions(group);
    }

    private static void blocks(Group group) {
        group.check(
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor/limits",
                        "no more than blocks and threads allow",
                        trial -> {
                            Pointer function = trial.function("nothing");
                            for (int threads : new int[] {32, 64, 256, 1024}) {
                                int blocks = active(trial, function, threads, 0);
                                trial.that(blocks >= 1, "no block of " + threads + " threads");
                                trial.that(
                                        blocks <= trial.attribute(Attribute.MAX_BLOCKS_PER_MULTIPROCESSOR),
                                        "more blocks than the device allows");
                                trial.that(
                                        blocks * threads <= trial.attribute(Attribute.MAX_THREADS_PER_MULTIPROCESSOR),
                                        "more threads than the device allows, with blocks of " + threads);
                            }
                        })
                .check("cuOccupancyMaxActiveBlocksPerMultiprocessor/falls", "larger blocks are not more", trial -> {
                    Pointer function = trial.function("nothing");
                    trial.that(
                            active(trial, function, 64, 0) >= active(trial, function, 512, 0),
                            "more blocks of 512 threads than of 64");
                })
                .check(
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor/shared",
                        "shared memory limits the blocks",
                        trial -> {
                            Pointer function = trial.function("nothing");
                            int bytes = trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_BLOCK);
                            int blocks = active(trial, function, 32, bytes);
                            trial.that(
                                    (long) blocks * bytes
                                            <= trial.attribute(Attribute.MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
                                    blocks + " blocks that take all that a block can");
                        })
                .answers(
                        INVALID_VALUE,
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor/no-threads",
                        "a block has threads",
                        OUT,
                        NOTHING,
                        0,
                        0L)
                .answers(
                        INVALID_VALUE,
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor/null",
                        "the place must not be NULL",
                        NULL,
                        NOTHING,
                        64,
                        0L)
                .answers(
                        REFUSED_HANDLE,
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor/null-function",
                        "NULL is no function",
                        OUT,
                        NULL,
                        64,
                        0L)
                .check(
                        "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags/default",
                        "flags of 0 change nothing",
                        trial -> {
                            Pointer function = trial.function("nothing");
                            trial.equal(
                                    active(trial, function, 128, 0),
                                    trial.intFrom(
                                            "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
                                            function,
                                            128,
                                            0L,
                                            0),
                                    "blocks");
                        })
                .answers(
                        INVALID_VALUE,
                        "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags/flags",
                        "a flag that there is not",
                        OUT,
                        NOTHING,
                        64,
                        0L,
                        0x100);
    }

    private static void suggestions(Group group) {
        group.check("cuOccupancyMaxPotentialBlockSize/launchable", "what is suggested can be launched", trial -> {
                    Pointer function = trial.function("narrow");
                    int[] suggested = suggested(trial, function, 0);
                    trial.that(
                            suggested[0] >= 1 && suggested[1] >= 1 && suggested[1] <= 64, "beyond the kernel's limit");
                    trial.launch(function, suggested[1], NULL, trial.memory(4));
                    trial.ok("cuCtxSynchronize");
                })
                .check("cuOccupancyMaxPotentialBlockSize/limit", "a limit of the block size is kept", trial -> {
                    int[] suggested = suggested(trial, trial.function("nothing"), 96);
                    trial.that(suggested[1] <= 96, "a block of " + suggested[1]);
                })
                .check(
                        "cuOccupancyMaxPotentialBlockSize/fills",
                        "the grid is enough for all multiprocessors",
                        trial -> {
                            int[] suggested = suggested(trial, trial.function("nothing"), 0);
                            trial.that(
                                    suggested[0] >= trial.attribute(Attribute.MULTIPROCESSOR_COUNT),
                                    "a grid of " + suggested[0]);
                        })
                .check(
                        "cuOccupancyAvailableDynamicSMemPerBlock/more-blocks",
                        "more blocks share what there is",
                        trial -> {
                            Pointer function = trial.function("nothing");
                            long one = trial.longFrom("cuOccupancyAvailableDynamicSMemPerBlock", function, 1, 32);
                            long four = trial.longFrom("cuOccupancyAvailableDynamicSMemPerBlock", function, 4, 32);
                            trial.that(one > 0 && four <= one, "four blocks have more each than one alone");
                        })
                .answers(
                        INVALID_VALUE,
                        "cuOccupancyAvailableDynamicSMemPerBlock/null",
                        "the place must not be NULL",
                        NULL,
                        NOTHING,
                        1,
                        32);
    }

    private static int active(Trial trial, Pointer function, int threads, long shared) {
        return trial.intFrom("cuOccupancyMaxActiveBlocksPerMultiprocessor", function, threads, shared);
    }

    /** The least grid and the block. */
    private static int[] suggested(Trial trial, Pointer function, int limit) {
        Memory grid = trial.room(4);
        Memory block = trial.room(4);
        trial.ok("cuOccupancyMaxPotentialBlockSize", grid, block, function, NULL, 0L, limit);
        return new int[] {grid.getInt(0), block.getInt(0)};
    }
}
