package io.sluice.bridge.generator;

import io.sluice.bridge.api.DriverFunction.Parameter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The API's C types without NVIDIA's headers, as far as hooks need them: scalars and pointers to scalars keep their type, a
 * handle is {@code void *}, an enumeration {@code int}, a pointer to anything else {@code void *}.
 */
final class CTypes {
    static final String TYPEDEFS = """
            typedef int CUresult;
            typedef int CUdevice;
            typedef unsigned long long CUdeviceptr;
            typedef unsigned int CUdeviceptr_v1;
            typedef unsigned long long cuuint64_t;
            typedef unsigned int cuuint32_t;
            typedef void *CUcontext;
            typedef struct {
                char reserved[64];
            } CUipcMemHandle;
            """;

    private static final Set<String> KEPT = Set.of(
            "size_t",
            "int",
            "unsigned int",
            "unsigned long long",
            "unsigned char",
            "unsigned short",
            "char",
            "float",
            "void",
            "CUdevice",
            "CUdeviceptr",
            "CUdeviceptr_v1",
            "CUcontext",
            "CUipcMemHandle",
            "cuuint64_t",
            "cuuint32_t");
    private static final Set<String> HANDLES = Set.of(
            "CUstream",
            "CUevent",
            "CUfunction",
            "CUmodule",
            "CUgraph",
            "CUgraphExec",
            "CUgraphNode",
            "CUarray",
            "CUmipmappedArray",
            "CUmemoryPool",
            "CUlibrary",
            "CUexternalMemory",
            "CUkernel",
            "CUdevResourceDesc",
            "CUgreenCtx",
            "nvmlDevice_t");
    private static final Set<String> ENUMERATIONS = Set.of(
            "CUdevice_attribute",
            "CUfunction_attribute",
            "CUlimit",
            "CUstreamCaptureMode",
            "CUgraphMem_attribute",
            "CUmemPool_attribute",
            "CUmem_advise",
            "CUmemAllocationHandleType",
            "VdpDevice");
    private static final Set<String> WIDE_HANDLES = Set.of("CUmemGenericAllocationHandle");

    private CTypes() {}

    /**
     * The parameter list of a prototype.
     *
     * @throws IllegalArgumentException for a type passed by value that is none of the above
     */
    static String parameters(List<Parameter> parameters) {
        return parameters.isEmpty()
                ? "void"
                : parameters.stream()
                        .map(p -> declare(type(p.type()), p.name()))
                        .collect(Collectors.joining(", "));
    }

    static String arguments(List<Parameter> parameters) {
        return parameters.stream().map(Parameter::name).collect(Collectors.joining(", "));
    }

    private static String declare(String type, String name) {
        return type.endsWith("*") ? type + name : type + " " + name;
    }

    private static String type(String type) {
        if (type.endsWith("*")) {
            String target =
                    type.replace("const ", "").replaceFirst("\\s*\\*$", "").strip();
            String constant = type.startsWith("const ") ? "const " : "";
            return KEPT.contains(target) ? constant + target + " *" : constant + "void *";
        }
        if (KEPT.contains(type)) {
            return type;
        }
        if (HANDLES.contains(type)) {
            return "void *";
        }
        if (ENUMERATIONS.contains(type)) {
            return "int";
        }
        if (WIDE_HANDLES.contains(type)) {
            return "unsigned long long";
        }
        throw new IllegalArgumentException("no C type is known here for '" + type + "' passed by value");
    }
}
