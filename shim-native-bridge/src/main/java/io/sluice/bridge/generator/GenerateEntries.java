package io.sluice.bridge.generator;

/** Generates the libwrapper's entries from the API description. */
public final class GenerateEntries {
    private GenerateEntries() {}

    public static void main(String[] arguments) {}
}
