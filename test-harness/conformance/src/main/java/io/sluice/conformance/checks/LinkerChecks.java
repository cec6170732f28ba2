package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.FILE_NOT_FOUND;
import static io.sluice.conformance.Result.INVALID_IMAGE;
import static io.sluice.conformance.Result.INVALID_PTX;
import static io.sluice.conformance.Result.INVALID_VALUE;
import static io.sluice.conformance.Result.NO_BINARY_FOR_GPU;
import static io.sluice.conformance.Result.UNKNOWN;
import static io.sluice.conformance.checks.Handles.REFUSED_HANDLE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Several images made into one. */
final class LinkerChecks {
    private static final int INPUT_PTX = 1;
    private static final int NO_INPUT = 99;

    private static final String HEAD = ".version 6.0\n.target sm_50\n.address_size 64\n";
    private static final String CALLER = HEAD + """
            .extern .func (.param .b32 result) twice(.param .b32 x);
            .visible .entry caller(.param .u64 p, .param .u32 x)
            {
                .reg .b64 %rd<2>;
                .reg .b32 %r<3>;
                ld.param.u64 %rd1, [p];
                ld.param.u32 %r1, [x];
                {
                    .param .b32 a;
                    .param .b32 r;
                    st.param.b32 [a], %r1;
                    call.uni (r), twice, (a);
                    ld.param.b32 %r2, [r];
                }
                st.global.u32 [%rd1], %r2;
                ret;
            }
            """;
    private static final String CALLED = HEAD + """
            .visible .func (.param .b32 result) twice(.param .b32 x)
            {
                .reg .b32 %r<3>;
                ld.param.b32 %r1, [x];
                add.u32 %r2, %r1, %r1;
                st.param.b32 [result], %r2;
                ret;
            }
            """;

    private static final Given LINKER = LinkerChecks::linker;

    private LinkerChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.MODULES).leftOpen();
        group.check("cuLinkComplete/one", "one PTX text becomes an image that can be loaded", trial -> {
                    Pointer linker = linker(trial);
                    add(trial, linker, Kernels.TEXT);
                    Pointer function = trial.handleFrom("cuModuleGetFunction", linked(trial, linker), "store");
                    long out = trial.memory(4);
                    trial.launch(function, 1, NULL, out, 17);
                    trial.equal(17, trial.readInt(out), "what the kernel stored");
                })
                .check("cuLinkComplete/two", "a function of one text can call that of another", trial -> {
                    Pointer linker = linker(trial);
                    add(trial, linker, CALLER);
                    add(trial, linker, CALLED);
                    Pointer function = trial.handleFrom("cuModuleGetFunction", linked(trial, linker), "caller");
                    long out = trial.memory(4);
                    trial.launch(function, 1, NULL, out, 21);
                    trial.equal(42, trial.readInt(out), "what the called function returned");
                })
                .check("cuLinkComplete/unresolved", "a function that no text defines cannot be linked", trial -> {
                    Pointer linker = linker(trial);
                    add(trial, linker, CALLER);
                    trial.expect(
                            INVALID_IMAGE.or(INVALID_PTX, NO_BINARY_FOR_GPU, UNKNOWN),
                            "cuLinkComplete",
                            linker,
                            OUT,
                            OUT);
                })
                .check(
                        "cuLinkAddData/bad",
                        "PTX that cannot be compiled is refused, when it is linked at the latest",
                        trial -> {
                            Pointer linker = linker(trial);
                            Memory image = Kernels.image(HEAD + ".visible .entry k() { frobnicate; }\n");
                            int added = trial.call(
                                    "cuLinkAddData", linker, INPUT_PTX, image, image.size(), "bad", 0, NULL, NULL);
                            trial.that(
                                    added != 0 || trial.call("cuLinkComplete", linker, OUT, OUT) != 0,
                                    "the text was compiled and linked");
                        })
                .answers(INVALID_VALUE, "cuLinkCreate/null", "the place must not be NULL", 0, NULL, NULL, NULL)
                .answers(
                        INVALID_VALUE,
                        "cuLinkAddData/unknown-type",
                        "no type of input",
                        LINKER,
                        NO_INPUT,
                        Given.HOST_MEMORY,
                        16L,
                        "x",
                        0,
                        NULL,
                        NULL)
                .answers(
                        FILE_NOT_FOUND,
                        "cuLinkAddFile/no-file",
                        "a file that is not there",
                        LINKER,
                        INPUT_PTX,
                        "/nonexistent/input.ptx",
                        0,
                        NULL,
                        NULL)
                .answers(REFUSED_HANDLE, "cuLinkDestroy/null", "NULL is no linker", NULL);
    }

    private static Pointer linker(Trial trial) {
        Memory linker = trial.room(8);
        trial.ok("cuLinkCreate", 0, NULL, NULL, linker);
        trial.laterCall("cuLinkDestroy", linker.getPointer(0));
        return linker.getPointer(0);
    }

    private static void add(Trial trial, Pointer linker, String text) {
        Memory image = Kernels.image(text);
        trial.ok("cuLinkAddData", linker, INPUT_PTX, image, image.size(), "text", 0, NULL, NULL);
    }

    private static Pointer linked(Trial trial, Pointer linker) {
        Memory image = trial.room(8);
        Memory bytes = trial.room(8);
        trial.ok("cuLinkComplete", linker, image, bytes);
        Pointer module = trial.handleFrom("cuModuleLoadData", image.getPointer(0));
        trial.laterCall("cuModuleUnload", module);
        return module;
    }
}
