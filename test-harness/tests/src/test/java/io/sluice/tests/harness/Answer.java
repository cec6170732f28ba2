package io.sluice.tests.harness;

import java.util.List;

/**
 * What a client answered to one command.
 *
 * @param result the CUresult
 * @param values what the call brought
 */
public record Answer(String command, int result, List<String> values) {

    static Answer parse(String command, String line) {
        List<String> words = List.of(line.split(" ", -1));
        try {
            return new Answer(command, Integer.parseInt(words.get(0)), words.subList(1, words.size()));
        } catch (NumberFormatException e) {
            throw new AssertionError("to '" + command + "' the client answered '" + line + "'", e);
        }
    }

    public long number(int i) {
        return Long.parseLong(values.get(i));
    }

    public String text() {
        return String.join(" ", values);
    }
}
