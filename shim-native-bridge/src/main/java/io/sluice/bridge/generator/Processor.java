package io.sluice.bridge.generator;

import java.util.List;

/**
 * How an entry is written in one processor's assembly. No entry knows its function's parameters: each method's text leaves
 * every register that can carry an argument as it is.
 *
 * <p>{@code number} is the function's place in the table of real functions; each text ends in a line break.
 */
interface Processor {
    /** @param prefix of the names of one API's entries: {@code <prefix>_real} is its table of real functions */
    static List<Processor> all(String prefix) {
        return List.of(new X8664(prefix), new Aarch64(prefix));
    }

    String prefix();

    /** As the first word of {@code gcc -dumpmachine}. */
    String name();

    /** Where an indirect call may land, if the system checks that. */
    String landing();

    /** Goes to the real function. Sees all that was written before the function's address was. */
    String jump(int number);

    /** Goes to the C function {@code label}. */
    String branch(String label);

    /**
     * Adds 1 to the counter at {@code offset} in the calling thread's lane, and goes to the real function; without a lane,
     * as {@link #ask}.
     */
    String count(int offset, int number, String whom);

    /** To stand before {@link #launch}: goes the way without a lane where the 32-bit {@code word} is not 0. */
    String unless(String word);
    /** The same, but goes to the C function {@code hook} instead where the word after the lane points at one that is not 0. */
    String launch(int offset, int number, String whom, String hook);

    /** Goes to the real function; as {@link #ask} where the calling thread's {@code <prefix>_measuring} begins with no NULL. */
    String close(int number, String whom);

    /** Forgets the calling thread's lane. */
    String forgetLane();

    /** Goes to {@link #slowPath} of {@code whom}, with the function's number. */
    String ask(int number, String whom);

    /**
     * Keeps the arguments, asks the C function {@code <prefix>_<whom>} where to go with the function's number and the arguments
     * that registers carry, and goes there as if the application had called it.
     */
    String slowPath(String whom);
}
