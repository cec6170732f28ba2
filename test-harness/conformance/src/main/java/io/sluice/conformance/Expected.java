package io.sluice.conformance;

/** Which results of a call agree with the documentation. */
public sealed interface Expected permits Result, OneOf {
    boolean allows(int result);

    String describe();
}
