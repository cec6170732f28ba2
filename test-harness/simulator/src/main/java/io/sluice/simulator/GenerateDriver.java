package io.sluice.simulator;

/** Generates C from the API description. */
public final class GenerateDriver {
    private GenerateDriver() {}

    public static void main(String[] arguments) {}
}
