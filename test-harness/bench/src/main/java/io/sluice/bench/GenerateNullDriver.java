package io.sluice.bench;

/** Generates C from the API description. */
public final class GenerateNullDriver {
    private GenerateNullDriver() {}

    public static void main(String[] arguments) {}
}
