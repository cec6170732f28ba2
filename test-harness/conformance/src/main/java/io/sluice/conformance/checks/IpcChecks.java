package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.HOST_MEMORY;
import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_HANDLE;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Pointer;
import io.sluice.conformance.Attribute;
import io.sluice.conformance.Gate;
import io.sluice.conformance.Given;
import io.sluice.conformance.Group;
import io.sluice.conformance.IpcHandle;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Memory and events that another process opens. */
final class IpcChecks {
    static final int LAZY_ENABLE_PEER_ACCESS = 1;
    private static final int DISABLE_TIMING_INTERPROCESS = 2 | 4;
    private static final Given NO_HANDLE = trial -> new IpcHandle();

    private IpcChecks() {}

    static void declare(Suite suite) {
        memory(suite.section(Section.MEMORY).leftOpen());
        events(suite.section(Section.MEMORY).leftOpen());
    }

    private static void memory(Group group) {
        group.check("cuIpcOpenMemHandle/read", "another process sees what this one wrote", trial -> {
                    long memory = trial.memory(4096);
                    trial.ok("cuMemsetD32", memory, 4321, 1024L);
                    trial.ok("cuCtxSynchronize");
                    says(
                            trial,
                            "4321",
                            trial.inAnotherProcess(
                                    Roles.READ_MEMORY, handle(trial, memory).toHex()));
                })
                .check("cuIpcOpenMemHandle/write", "this process sees what another one wrote", trial -> {
                    long memory = trial.memory(4096);
                    says(
                            trial,
                            "written",
                            trial.inAnotherProcess(
                                    Roles.WRITE_MEMORY, handle(trial, memory).toHex(), "88"));
                    trial.equal(88, trial.readInt(memory), "what is there afterwards");
                })
                .check(
                        "cuIpcCloseMemHandle/again",
                        "what was closed cannot be used, and the owner's memory stays",
                        trial -> {
                            long memory = trial.memory(4096);
                            trial.ok("cuMemsetD32", memory, 5, 1024L);
                            trial.ok("cuCtxSynchronize");
                            says(
                                    trial,
                                    "refused",
                                    trial.inAnotherProcess(
                                            Roles.CLOSE_TWICE,
                                            handle(trial, memory).toHex()));
                            trial.equal(5, trial.readInt(memory), "what is there afterwards");
                        })
                .check("cuIpcGetMemHandle/same", "the same memory has the same handle", trial -> {
                    long memory = trial.memory(4096);
                    trial.that(
                            handle(trial, memory)
                                    .toHex()
                                    .equals(handle(trial, memory).toHex()),
                            "two handles");
                })
                .answers(INVALID_VALUE, "cuIpcGetMemHandle/host", "host memory has none", OUT, HOST_MEMORY)
                .answers(
                        INVALID_VALUE,
                        "cuIpcGetMemHandle/null",
                        "the place must not be NULL",
                        NULL,
                        Given.DEVICE_MEMORY)
                .answers(
                        INVALID_VALUE,
                        "cuIpcOpenMemHandle/flags",
                        "the one flag there is has to be set",
                        OUT,
                        NO_HANDLE,
                        0)
                .check(
                        "cuIpcCloseMemHandle/not-opened",
                        "only what was opened can be closed",
                        trial -> trial.expect(INVALID_VALUE, "cuIpcCloseMemHandle", trial.memory(4096)));
    }

    private static void events(Group group) {
        Group claimed = group.promisedBy(Attribute.IPC_EVENT_SUPPORTED);
        claimed.check("cuIpcOpenEventHandle/done", "another process can wait for an event of this one", trial -> {
                    Pointer event = trial.event(DISABLE_TIMING_INTERPROCESS);
                    trial.ok("cuEventRecord", event, trial.stream(0));
                    says(trial, "SUCCESS", trial.inAnotherProcess(Roles.WAIT_FOR_EVENT, eventHandle(trial, event)));
                })
                .check("cuIpcOpenEventHandle/pending", "another process sees that the work is not done", trial -> {
                    Pointer stream = trial.stream(0);
                    Pointer event = trial.event(DISABLE_TIMING_INTERPROCESS);
                    Gate gate = trial.gate(stream);
                    trial.ok("cuEventRecord", event, stream);
                    says(trial, "NOT_READY", trial.inAnotherProcess(Roles.ASK_EVENT, eventHandle(trial, event)));
                    gate.open();
                })
                .check(
                        "cuIpcGetEventHandle/ordinary",
                        "an event has to be made for it",
                        trial -> trial.expect(
                                INVALID_HANDLE.or(INVALID_VALUE), "cuIpcGetEventHandle", OUT, trial.event(0)))
                .answers(INVALID_VALUE.or(INVALID_HANDLE), "cuIpcGetEventHandle/null", "NULL is no event", OUT, NULL);
    }

    private static IpcHandle handle(Trial trial, long memory) {
        return IpcHandle.of(trial.put("cuIpcGetMemHandle", memory));
    }

    private static String eventHandle(Trial trial, Pointer event) {
        return IpcHandle.of(trial.put("cuIpcGetEventHandle", event)).toHex();
    }

    private static void says(Trial trial, String expected, String said) {
        trial.that(said.equals(expected), "the other process says: " + said);
    }
}
