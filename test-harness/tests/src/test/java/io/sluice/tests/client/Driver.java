package io.sluice.tests.client;

/** The little that {@link DriverCommands} asks of the CUDA driver. Each call answers with its CUresult. */
interface Driver {
    int init();

    /** On the first visible GPU. */
    int createContext();

    /** @param address where the address goes, at 0 */
    int allocate(long[] address, long bytes);

    int free(long address);

    /** @param freeAndTotal where the two numbers of bytes go */
    int memoryInfo(long[] freeAndTotal);
}
