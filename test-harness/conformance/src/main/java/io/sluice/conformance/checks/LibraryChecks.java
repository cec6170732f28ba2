package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.FILE_NOT_FOUND;
import static io.sluice.conformance.Result.INVALID_DEVICE;
import static io.sluice.conformance.Result.INVALID_IMAGE;
import static io.sluice.conformance.Result.INVALID_PTX;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_FOUND;
import static io.sluice.conformance.Result.NOT_PERMITTED;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Libraries, which belong to no context, and their kernels. */
final class LibraryChecks {
    private static final Given LIBRARY = LibraryChecks::library;
    private static final Given KERNEL = trial -> kernel(trial, "store");
    private static final Given TEXT = trial -> Kernels.image(Kernels.TEXT);

    private LibraryChecks() {}

    static void declare(Suite suite) {
        Group libraries = suite.section(Section.LIBRARIES).leftOpen();
        loading(libraries);
        kernels(libraries);
        attributes(libraries);
        globals(libraries);
    }

    private static void loading(Group group) {
        group.check("cuLibraryLoadData/ptx", "PTX text that ends in a zero byte is loaded", LibraryChecks::library)
                .check("cuLibraryLoadData/without-context", "needs no context", trial -> {
                    trial.ok("cuCtxSetCurrent", NULL);
                    library(trial);
                })
                .answers(
                        INVALID_VALUE,
                        "cuLibraryLoadData/null",
                        "the place must not be NULL",
                        NULL,
                        TEXT,
                        NULL,
                        NULL,
                        0,
                        NULL,
                        NULL,
                        0)
                .answers(
                        INVALID_VALUE.or(INVALID_IMAGE),
                        "cuLibraryLoadData/null-image",
                        "the image must not be NULL",
                        OUT,
                        NULL,
                        NULL,
                        NULL,
                        0,
                        NULL,
                        NULL,
                        0)
                // Where modules are loaded lazily the compiler may run no sooner than at the first use.
                .check(
                        "cuLibraryLoadData/bad",
                        "PTX that cannot be compiled is refused, at the first use at the latest",
                        trial -> {
                            String bad = Kernels.TEXT.replace("st.global.u32 [%rd1], %r1;", "frobnicate.u32 %r1;");
                            Memory library = trial.room(8);
                            int result = trial.call(
                                    "cuLibraryLoadData", library, Kernels.image(bad), NULL, NULL, 0, NULL, NULL, 0);
                            if (result == 0) {
                                trial.laterCall("cuLibraryUnload", library.getPointer(0));
                                Memory kernel = trial.room(8);
                                trial.call("cuLibraryGetKernel", kernel, library.getPointer(0), "store");
                                result = trial.call("cuKernelGetFunction", OUT, kernel.getPointer(0));
                            }
                            trial.that(
                                    INVALID_PTX.allows(result) || INVALID_IMAGE.allows(result) || result == 801,
                                    "it was taken, with " + result);
                            trial.supportedIf(result != 801, "cuLibraryLoadData answered NOT_SUPPORTED");
                        })
                .answers(
                        FILE_NOT_FOUND.or(INVALID_VALUE),
                        "cuLibraryLoadFromFile/no-file",
                        "a file that is not there",
                        OUT,
                        "/nonexistent/library.ptx",
                        NULL,
                        NULL,
                        0,
                        NULL,
                        NULL,
                        0)
                .check(
                        "cuLibraryUnload/unloads",
                        "a library that was loaded can be unloaded",
                        trial -> trial.ok("cuLibraryUnload", load(trial)))
                .answers(REFUSED_HANDLE, "cuLibraryUnload/null", "NULL is no library", NULL);
    }

    private static void kernels(Group group) {
        group.check("cuLibraryGetKernel/found", "a kernel is found by its name", trial -> kernel(trial, "store"))
                .answers(NOT_FOUND, "cuLibraryGetKernel/absent", "a name that is not there", OUT, LIBRARY, "absent")
                .answers(INVALID_VALUE, "cuLibraryGetKernel/null", "the place must not be NULL", NULL, LIBRARY, "store")
                .answers(INVALID_VALUE, "cuLibraryGetKernel/null-name", "the name must not be NULL", OUT, LIBRARY, NULL)
                .answers(REFUSED_HANDLE, "cuLibraryGetKernel/null-library", "NULL is no library", OUT, NULL, "store")
                .check(
                        "cuKernelGetFunction/launch",
                        "gives a function of the current context, which can be launched",
                        trial -> {
                            Pointer function = trial.handleFrom("cuKernelGetFunction", kernel(trial, "store"));
                            long out = trial.memory(4);
                            trial.launch(function, 1, NULL, out, 4711);
                            trial.equal(4711, trial.readInt(out), "what the kernel stored");
                        })
                .check("cuLaunchKernel/kernel-handle", "a kernel may be launched in place of a function", trial -> {
                    long out = trial.memory(4);
                    trial.launch(kernel(trial, "store"), 1, NULL, out, 4712);
                    trial.equal(4712, trial.readInt(out), "what the kernel stored");
                })
                .check("cuKernelGetFunction/per-context", "each context has a function of its own", trial -> {
                    Pointer kernel = kernel(trial, "store");
                    Pointer here = trial.handleFrom("cuKernelGetFunction", kernel);
                    trial.context(0);
                    Pointer there = trial.handleFrom("cuKernelGetFunction", kernel);
                    trial.that(!here.equals(there), "two contexts share a function");
                    long out = trial.longFrom("cuMemAlloc", 4L);
                    trial.launch(there, 1, NULL, out, 4713);
                    trial.equal(4713, trial.readInt(out), "what the kernel stored in the other context");
                })
                .answers(INVALID_VALUE, "cuKernelGetFunction/null", "the place must not be NULL", NULL, KERNEL)
                .answers(REFUSED_HANDLE, "cuKernelGetFunction/null-kernel", "NULL is no kernel", OUT, NULL)
                .check(
                        "cuLibraryGetModule/function",
                        "the library's module in this context holds its functions",
                        trial -> {
                            Pointer module = trial.handleFrom("cuLibraryGetModule", library(trial));
                            trial.handleFrom("cuModuleGetFunction", module, "store");
                        })
                .check("cuModuleUnload/of-library", "a module that a library owns must not be unloaded", trial -> {
                    Pointer module = trial.handleFrom("cuLibraryGetModule", library(trial));
                    trial.expect(NOT_PERMITTED, "cuModuleUnload", module);
                })
                .answers(REFUSED_HANDLE, "cuLibraryGetModule/null-library", "NULL is no library", OUT, NULL);
    }

    private static void attributes(Group group) {
        group.check(
                        "cuKernelGetAttribute/maxntid",
                        "is the kernel's own limit of threads",
                        trial -> trial.equal(
                                64,
                                trial.intFrom(
                                        "cuKernelGetAttribute",
                                        FunctionChecks.MAX_THREADS_PER_BLOCK,
                                        kernel(trial, "narrow"),
                                        0),
                                "threads"))
                .check("cuKernelSetAttribute/reads-back", "what was set for a device is read back", trial -> {
                    Pointer kernel = kernel(trial, "turn");
                    trial.ok("cuKernelSetAttribute", FunctionChecks.MAX_DYNAMIC_SHARED_SIZE_BYTES, 4096, kernel, 0);
                    trial.equal(
                            4096,
                            trial.intFrom(
                                    "cuKernelGetAttribute", FunctionChecks.MAX_DYNAMIC_SHARED_SIZE_BYTES, kernel, 0),
                            "dynamic shared memory");
                })
                .answers(
                        INVALID_VALUE,
                        "cuKernelSetAttribute/read-only",
                        "what can only be read cannot be set",
                        FunctionChecks.NUM_REGS,
                        32,
                        KERNEL,
                        0)
                .answers(INVALID_DEVICE, "cuKernelGetAttribute/no-device", "-1 is no device", OUT, 0, KERNEL, -1)
                .answers(INVALID_VALUE, "cuKernelGetAttribute/null", "the place must not be NULL", NULL, 0, KERNEL, 0);
    }

    private static void globals(Group group) {
        group.check("cuLibraryGetGlobal/initial", "a variable has its initial values, and its size is told", trial -> {
                    Memory bytes = trial.room(8);
                    long address = trial.longFrom("cuLibraryGetGlobal", bytes, library(trial), "answers");
                    trial.equal(16, bytes.getLong(0), "the size");
                    trial.equal(44, trial.readInt(address + 12), "the last element");
                })
                .check("cuLibraryGetGlobal/per-context", "each context has a variable of its own", trial -> {
                    Pointer library = library(trial);
                    long here = trial.longFrom("cuLibraryGetGlobal", NULL, library, "answers");
                    trial.context(0);
                    long there = trial.longFrom("cuLibraryGetGlobal", NULL, library, "answers");
                    trial.that(here != there, "two contexts share a variable");
                })
                .answers(
                        NOT_FOUND, "cuLibraryGetGlobal/absent", "a name that is not there", OUT, OUT, LIBRARY, "absent")
                .answers(
                        REFUSED_HANDLE,
                        "cuLibraryGetGlobal/null-library",
                        "NULL is no library",
                        OUT,
                        OUT,
                        NULL,
                        "answers")
                .answers(
                        NOT_FOUND,
                        "cuLibraryGetManaged/not-managed",
                        "a variable that is not managed is not found as managed",
                        OUT,
                        OUT,
                        LIBRARY,
                        "answers");
    }

    private static Pointer library(Trial trial) {
        Pointer library = load(trial);
        trial.laterCall("cuLibraryUnload", library);
        return library;
    }

    private static Pointer load(Trial trial) {
        return trial.handleFrom("cuLibraryLoadData", TEXT, NULL, NULL, 0, NULL, NULL, 0);
    }

    private static Pointer kernel(Trial trial, String name) {
        return trial.handleFrom("cuLibraryGetKernel", library(trial), name);
    }
}
