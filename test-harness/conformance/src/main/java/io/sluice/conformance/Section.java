package io.sluice.conformance;

/** The sections of NVIDIA's "CUDA Driver API" reference manual, version 12.2, by their titles. */
public enum Section {
    ERRORS("Error Handling"),
    INITIALIZATION("Initialization"),
    VERSION("Version Management"),
    DEVICES("Device Management"),
    PRIMARY_CONTEXTS("Primary Context Management"),
    CONTEXTS("Context Management"),
    MODULES("Module Management"),
    LIBRARIES("Library Management"),
    MEMORY("Memory Management"),
    VIRTUAL_MEMORY("Virtual Memory Management"),
    POOLS("Stream Ordered Memory Allocator"),
    UNIFIED_ADDRESSING("Unified Addressing"),
    STREAMS("Stream Management"),
    EVENTS("Event Management"),
    STREAM_MEMORY_OPERATIONS("Stream Memory Operations"),
    EXECUTION("Execution Control"),
    GRAPHS("Graph Management"),
    OCCUPANCY("Occupancy"),
    PEERS("Peer Context Memory Access"),
    ENTRY_POINTS("Driver Entry Point Access");

    private final String title;

    Section(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
