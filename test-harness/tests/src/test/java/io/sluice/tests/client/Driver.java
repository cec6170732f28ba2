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

    /** @param image ends with a zero */
    int loadModule(long[] module, byte[] image);

    int unloadModule(long module);

    int getFunction(long[] function, long module, String name);

    int copyToDevice(long address, byte[] bytes);

    int copyToHost(byte[] bytes, long address);

    /** @param parameters each in a word of its own, of which the function takes what it needs */
    int launch(long function, int blocks, int threads, long[] parameters);

    int synchronize();
}
