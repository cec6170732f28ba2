package io.sluice.conformance.checks;

import io.sluice.conformance.Suite;

/** The subjects, in the order of the reference manual. */
public final class AllChecks {
    private AllChecks() {}

    public static void declare(Suite suite) {
        ErrorChecks.declare(suite);
        InitializationChecks.declare(suite);
        DeviceChecks.declare(suite);
        PrimaryContextChecks.declare(suite);
        ContextChecks.declare(suite);
        ModuleChecks.declare(suite);
        LinkerChecks.declare(suite);
        LibraryChecks.declare(suite);
        LinearMemoryChecks.declare(suite);
        HostMemoryChecks.declare(suite);
        ManagedMemoryChecks.declare(suite);
        CopyChecks.declare(suite);
        Copy2DChecks.declare(suite);
        SetChecks.declare(suite);
        ArrayChecks.declare(suite);
        IpcChecks.declare(suite);
        PointerChecks.declare(suite);
        StreamChecks.declare(suite);
        OrderChecks.declare(suite);
        EventChecks.declare(suite);
        StreamMemoryChecks.declare(suite);
        VirtualMemoryChecks.declare(suite);
        PoolChecks.declare(suite);
        FunctionChecks.declare(suite);
        LaunchChecks.declare(suite);
        CaptureChecks.declare(suite);
        GraphChecks.declare(suite);
        OccupancyChecks.declare(suite);
        PeerChecks.declare(suite);
        EntryPointChecks.declare(suite);
        TeardownChecks.declare(suite);
        FaultChecks.declare(suite);
    }
}
