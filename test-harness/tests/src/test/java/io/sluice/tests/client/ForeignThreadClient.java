package io.sluice.tests.client;

/** The Java half of {@code foreign.c}: memory is asked for by a thread that this JVM does not know. */
public final class ForeignThreadClient {
    private ForeignThreadClient() {}

    private static native int allocateInForeignThread(long bytes);

    public static void main(String[] arguments) {
        System.load(System.getenv("SLUICE_TEST_LIBRARY"));
        System.out.println("answered " + allocateInForeignThread(Long.parseLong(arguments[0])));
    }
}
