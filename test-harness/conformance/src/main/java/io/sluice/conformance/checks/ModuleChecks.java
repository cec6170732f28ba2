package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.MODULE;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.FILE_NOT_FOUND;
import static io.sluice.conformance.Result.INVALID_IMAGE;
import static io.sluice.conformance.Result.INVALID_PTX;
import static io.sluice.conformance.Result.INVALID_SOURCE;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NOT_FOUND;
import static io.sluice.conformance.Result.NO_BINARY_FOR_GPU;
import static io.sluice.conformance.Result.UNSUPPORTED_PTX_VERSION;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Expected;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Images, and what is found in them. */
final class ModuleChecks {
    private static final int JIT_INFO_LOG_BUFFER = 3;
    private static final int JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4;
    private static final int JIT_ERROR_LOG_BUFFER = 5;
    private static final int JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;
    private static final int JIT_WALL_TIME = 2;
    private static final int JIT_OPTIMIZATION_LEVEL = 7;

    /** Which of these a broken image gets depends on how far the driver read it. */
    private static final Expected REFUSED_IMAGE =
            INVALID_PTX.or(INVALID_IMAGE, INVALID_SOURCE, NO_BINARY_FOR_GPU, INVALID_VALUE, UNSUPPORTED_PTX_VERSION);

    private static final String HEAD = ".version 6.0\n.target sm_50\n.address_size 64\n";
    private static final String BAD_INSTRUCTION =
            HEAD + ".visible .entry k()\n{\n    frobnicate.u32 %r1;\n    ret;\n}\n";

    private ModuleChecks() {}

    static void declare(Suite suite) {
        Group modules = suite.section(Section.MODULES);
        loading(modules);
        refusals(modules);
        options(modules);
        contents(modules);
        globals(modules);
    }

    private static void loading(Group group) {
        group.check("cuModuleLoadData/ptx", "PTX text that ends in a zero byte is loaded", Trial::module)
                .check(
                        "cuModuleLoadData/twice",
                        "each load makes a module of its own, with its own variables",
                        trial -> {
                            long first = global(trial, trial.module(), "answers");
                            long second = global(trial, trial.module(), "answers");
                            trial.that(first != second, "two modules share a variable");
                        })
                .check("cuModuleLoad/file", "loads the image that a file holds", trial -> {
                    Path file = Files.createTempFile("conformance", ".ptx");
                    try {
                        Files.writeString(file, Kernels.TEXT);
                        Pointer module = trial.handleFrom("cuModuleLoad", file.toString());
                        trial.laterCall("cuModuleUnload", module);
                        trial.handleFrom("cuModuleGetFunction", module, "nothing");
                    } finally {
                        Files.delete(file);
                    }
                })
                .check(
                        "cuModuleUnload/unloads",
                        "a module that was loaded can be unloaded",
                        trial -> trial.ok(
                                "cuModuleUnload", trial.handleFrom("cuModuleLoadData", Kernels.image(Kernels.TEXT))))
                .answers(REFUSED_HANDLE, "cuModuleUnload/null", "NULL is no module", NULL)
                .check("cuModuleGetLoadingMode/mode", "the mode is eager (1) or lazy (2)", trial -> {
                    int mode = trial.intFrom("cuModuleGetLoadingMode");
                    trial.that(mode == 1 || mode == 2, "the mode is " + mode);
                })
                .answers(INVALID_VALUE, "cuModuleGetLoadingMode/null", "the place must not be NULL", NULL);
    }

    private static void refusals(Group group) {
        group.answers(INVALID_VALUE, "cuModuleLoadData/null", "the place must not be NULL", NULL, text(Kernels.TEXT))
                .answers(
                        INVALID_VALUE.or(INVALID_IMAGE),
                        "cuModuleLoadData/null-image",
                        "the image must not be NULL",
                        OUT,
                        NULL)
                .answers(REFUSED_IMAGE, "cuModuleLoadData/nonsense", "text that is no image", OUT, text("no image"))
                .answers(REFUSED_IMAGE, "cuModuleLoadData/empty", "an empty text is no image", OUT, text(""))
                .answers(
                        INVALID_PTX,
                        "cuModuleLoadData/bad-instruction",
                        "PTX that cannot be compiled is invalid PTX",
                        OUT,
                        text(BAD_INSTRUCTION))
                .answers(
                        UNSUPPORTED_PTX_VERSION.or(INVALID_PTX),
                        "cuModuleLoadData/future-version",
                        "PTX of a version that the driver does not know is refused as such",
                        OUT,
                        text(HEAD.replace("6.0", "99.9") + ".visible .entry k() { ret; }\n"))
                .answers(
                        INVALID_PTX.or(NO_BINARY_FOR_GPU),
                        "cuModuleLoadData/newer-target",
                        "PTX for a processor that nobody makes yet cannot be compiled for this one",
                        OUT,
                        text(HEAD.replace("sm_50", "sm_999") + ".visible .entry k() { ret; }\n"))
                .answers(INVALID_VALUE, "cuModuleLoad/null", "the place must not be NULL", NULL, "/x")
                .answers(
                        INVALID_VALUE.or(FILE_NOT_FOUND),
                        "cuModuleLoad/null-name",
                        "the file's name must not be NULL",
                        OUT,
                        NULL)
                .answers(
                        FILE_NOT_FOUND,
                        "cuModuleLoad/no-file",
                        "a file that is not there is reported as not found",
                        OUT,
                        "/nonexistent/module.ptx");
    }

    private static void options(Group group) {
        group.check("cuModuleLoadDataEx/no-options", "is as cuModuleLoadData where there are no options", trial -> {
                    Memory module = trial.room(8);
                    trial.ok("cuModuleLoadDataEx", module, text(Kernels.TEXT), 0, NULL, NULL);
                    trial.laterCall("cuModuleUnload", module.getPointer(0));
                    trial.handleFrom("cuModuleGetFunction", module.getPointer(0), "nothing");
                })
                .check("cuModuleLoadDataEx/error-log", "says in the error log why an image was refused", trial -> {
                    Memory log = trial.room(4096);
                    long[] values = {Pointer.nativeValue(log), log.size()};
                    trial.expect(
                            INVALID_PTX,
                            "cuModuleLoadDataEx",
                            OUT,
                            text(BAD_INSTRUCTION),
                            2,
                            new int[] {JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_SIZE_BYTES},
                            values);
                    trial.that(!log.getString(0).isBlank(), "the log is empty");
                    // Whether the closing zero byte counts is left open.
                    long filled = values[1] - log.getString(0).length();
                    trial.that(filled == 0 || filled == 1, "the size put out is not the text's");
                })
                .check("cuModuleLoadDataEx/short-log", "never writes beyond the room of the log", trial -> {
                    Memory log = trial.room(64);
                    log.setMemory(0, log.size(), (byte) 0x5a);
                    long[] values = {Pointer.nativeValue(log), 16};
                    trial.call(
                            "cuModuleLoadDataEx",
                            OUT,
                            text(BAD_INSTRUCTION),
                            2,
                            new int[] {JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_SIZE_BYTES},
                            values);
                    byte[] beyond = log.getByteArray(16, 48);
                    byte[] untouched = new byte[48];
                    Arrays.fill(untouched, (byte) 0x5a);
                    trial.same(untouched, beyond, "memory behind the log");
                })
                .check(
                        "cuModuleLoadDataEx/info-log",
                        "takes room for what the compiler says, and the time it took",
                        trial -> {
                            Memory log = trial.room(1024);
                            Memory module = trial.room(8);
                            long[] values = {Pointer.nativeValue(log), log.size(), 0, 4};
                            trial.ok(
                                    "cuModuleLoadDataEx",
                                    module,
                                    text(Kernels.TEXT),
                                    4,
                                    new int[] {
                                        JIT_INFO_LOG_BUFFER,
                                        JIT_INFO_LOG_BUFFER_SIZE_BYTES,
                                        JIT_WALL_TIME,
                                        JIT_OPTIMIZATION_LEVEL
                                    },
                                    values);
                            trial.laterCall("cuModuleUnload", module.getPointer(0));
                            trial.that(values[1] <= log.size(), "says that it wrote " + values[1] + " bytes");
                        });
    }

    private static void contents(Group group) {
        group.check("cuModuleGetFunction/same", "asking again gives the same function", trial -> {
                    Pointer module = trial.module();
                    trial.that(
                            trial.handleFrom("cuModuleGetFunction", module, "store")
                                    .equals(trial.handleFrom("cuModuleGetFunction", module, "store")),
                            "two handles for one function");
                })
                .answers(NOT_FOUND, "cuModuleGetFunction/absent", "a name that is not there", OUT, MODULE, "absent")
                .answers(NOT_FOUND, "cuModuleGetFunction/variable", "a variable is no function", OUT, MODULE, "answers")
                .answers(INVALID_VALUE, "cuModuleGetFunction/null", "the place must not be NULL", NULL, MODULE, "store")
                .answers(INVALID_VALUE, "cuModuleGetFunction/null-name", "the name must not be NULL", OUT, MODULE, NULL)
                .answers(REFUSED_HANDLE, "cuModuleGetFunction/null-module", "NULL is no module", OUT, NULL, "store")
                .check("cuFuncGetModule/origin", "is the module that the function was taken from", trial -> {
                    Pointer module = trial.module();
                    Pointer function = trial.handleFrom("cuModuleGetFunction", module, "store");
                    trial.that(module.equals(trial.handleFrom("cuFuncGetModule", function)), "another module");
                })
                .answers(INVALID_VALUE, "cuFuncGetModule/null", "the place must not be NULL", NULL, Given.NOTHING);
    }

    private static void globals(Group group) {
        group.check("cuModuleGetGlobal/initial", "a variable has its initial values", trial -> {
                    long address = global(trial, trial.module(), "answers");
                    for (int i = 0; i < 4; i++) {
                        trial.equal(11L * (i + 1), trial.readInt(address + 4L * i), "element " + i);
                    }
                })
                .check("cuModuleGetGlobal/size", "the size is that of the variable", trial -> {
                    Memory bytes = trial.room(8);
                    trial.ok("cuModuleGetGlobal", OUT, bytes, trial.module(), "answers");
                    trial.equal(16, bytes.getLong(0), "the size");
                })
                .check(
                        "cuModuleGetGlobal/address-only",
                        "the place for the size may be NULL",
                        trial -> trial.ok("cuModuleGetGlobal", OUT, NULL, trial.module(), "answers"))
                .check(
                        "cuModuleGetGlobal/size-only",
                        "the place for the address may be NULL",
                        trial -> trial.ok("cuModuleGetGlobal", NULL, OUT, trial.module(), "answers"))
                .check("cuModuleGetGlobal/constant", "a constant can be set before a launch, which sees it", trial -> {
                    Pointer module = trial.module();
                    trial.write(global(trial, module, "scale"), new byte[] {3, 0, 0, 0});
                    long out = trial.memory(16);
                    trial.launch(trial.handleFrom("cuModuleGetFunction", module, "scaled"), 4, NULL, out);
                    trial.equal(3 * 44, trial.readInt(out + 12), "answers[3] times the constant");
                })
                .answers(NOT_FOUND, "cuModuleGetGlobal/absent", "a name that is not there", OUT, OUT, MODULE, "absent")
                .answers(NOT_FOUND, "cuModuleGetGlobal/function", "no variable", OUT, OUT, MODULE, "store")
                .answers(
                        INVALID_VALUE,
                        "cuModuleGetGlobal/null-name",
                        "the name must not be NULL",
                        OUT,
                        OUT,
                        MODULE,
                        NULL)
                .answers(REFUSED_HANDLE, "cuModuleGetGlobal/null-module", "NULL is no module", OUT, OUT, NULL, "scale");
    }

    private static Given text(String text) {
        return trial -> Kernels.image(text);
    }

    private static long global(Trial trial, Pointer module, String name) {
        return trial.longFrom("cuModuleGetGlobal", NULL, module, name);
    }
}
