package io.sluice.bridge.libwrapper;

import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code libwrapper_jni.c}, which call those of {@code control.h} by the same names. Strings are bytes as the
 * file system spells them, without an end mark; {@code text} takes 512 bytes, with one. {@link #find} or {@link #open} comes first.
 */
final class LibwrapperCalls {
    private LibwrapperCalls() {}

    /** Whether a libwrapper is among what every library of this process sees. */
    static native boolean find();

    /** @return null, or the sentence that says why it cannot be loaded */
    static native byte @Nullable [] open(byte[] path);

    static native int configure(
            byte[] tenant, byte[] runDirectory, byte @Nullable [] driver, byte[] onFailure, byte[] text);

    static native int takeHold(byte[] alias, byte[] text);

    static native int probe(byte[] text);

    static native void listen(int listening);

    /** @param note takes a {@code struct sluice_denial_note} */
    static native int nextDenial(byte[] note, int timeoutMs);

    static native int answerDenial(int ticket);
}
