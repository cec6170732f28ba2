package io.sluice.conformance;

/**
 * One statement of the documentation, and how to find out whether a driver keeps it.
 *
 * @param id the function that it is about, a slash, and a name; unique
 * @param statement what the documentation says, in our words
 * @param support what an answer CUDA_ERROR_NOT_SUPPORTED means here
 */
record Check(String id, Section section, String statement, Place place, Support support, Body body) {
    /** What a check does. It ends normally if the driver keeps the statement. */
    @FunctionalInterface
    public interface Body {
        void run(Trial trial) throws Exception;
    }

    String function() {
        return id.substring(0, id.indexOf('/'));
    }
}
