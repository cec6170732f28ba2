package io.sluice.policy.tenantfile;

/**
 * One thing that is wrong with a tenant file, for the person who must put it right.
 *
 * @param file as the user named it
 * @param line from 1; 0 if the problem is with the file as a whole
 * @param column from 1
 * @param key the path of the key, such as {@code gpus[0].memory}; empty if the problem is with no key
 * @param sentence what was found, what is allowed
 */
public record Problem(String file, int line, int column, String key, String sentence) {

    /** {@code alice.yaml:5:13: gpus[0].memory: '8' has no unit: …} */
    @Override
    public String toString() {
        return (line == 0 ? file : file + ":" + line + ":" + column)
                + ": "
                + (key.isEmpty() ? "" : key + ": ")
                + sentence;
    }
}
