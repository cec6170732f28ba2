package io.sluice.bridge.api;

import java.util.List;

/**
 * One exported name of the CUDA driver API: a row of {@code cuda-driver-api.tsv}.
 *
 * @param name the exported symbol, with its suffixes: {@code cuMemAllocAsync_ptsz}
 * @param base the name that applications ask {@code cuGetProcAddress} for: {@code cuMemAllocAsync}
 * @param version the version that the suffix states, from 1
 * @param stream which default stream it means
 * @param since the CUDA version that brought it (11020 for 11.2), 0 where unknown
 * @param inDriver535 whether the 535 driver exports it
 * @param role which quota concerns it
 * @param entry what the libwrapper's entry does with a call
 * @param parameters types and names, in order; empty for {@code void}
 * @param signatureKnown false for the few names that no public header declares
 */
public record DriverFunction(
        String name,
        String base,
        int version,
        DefaultStream stream,
        int since,
        boolean inDriver535,
        Role role,
        Entry entry,
        List<Parameter> parameters,
        boolean signatureKnown) {

    /** Why Sluice looks at a call. */
    public enum Role {
        /** No quota concerns it. */
        FORWARD,
        /** Takes memory. */
        CHARGE,
        /** Gives memory back. */
        RELEASE,
        /** Tells the application something that its quota changes. */
        TELL,
        /** Starts work on the GPU. */
        LAUNCH,
        /** Hands out driver functions. */
        RESOLVE,
        /** Begins the use of the driver or of a GPU. */
        CONTEXT,
        /** Begins or ends the recording of a graph, in which launches are none. */
        CAPTURE,
        /** Takes memory in a way that cannot be charged yet. */
        REFUSE
    }

    /** What the generated entry is. */
    public enum Entry {
        /** One jump to the real driver. */
        JUMP,
        /** Puts other work into a stream, or waits for it: the calling thread's measured launches end here, then a jump. */
        CLOSE,
        /** Counted as ungoverned, then a jump. */
        COUNT,
        /** Counted as a launch, then a jump; {@code sluice_hook_NAME} where the tenant has a share of the GPU's time. */
        LAUNCH,
        /** Changes the calling thread's context: its counters are looked up anew, then a jump. */
        REBIND,
        /** Refused under a quota. */
        REFUSE,
        /** A C function {@code sluice_hook_NAME}. */
        HOOK
    }

    /** The default stream that stream argument 0 stands for. */
    public enum DefaultStream {
        LEGACY,
        PER_THREAD
    }

    /**
     * @param type the C type as the public header writes it, by its typedef
     * @param name the parameter's name
     */
    public record Parameter(String type, String name) {
        /** Of {@code const char *uuid} or {@code CUdeviceptr dptr}. */
        static Parameter parse(String text) {
            int cut = Math.max(text.lastIndexOf(' '), text.lastIndexOf('*')) + 1;
            return new Parameter(text.substring(0, cut).strip(), text.substring(cut));
        }
    }
}
