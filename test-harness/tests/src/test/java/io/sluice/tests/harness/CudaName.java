package io.sluice.tests.harness;

/** What a program may call the CUDA driver's library when it asks for it. */
public enum CudaName {
    SONAME("`libcuda.so.1`", "libcuda.so.1"),
    NAME("`libcuda.so`", "libcuda.so"),
    BARE("`cuda`", "cuda"),
    ABSOLUTE_PATH("an absolute path", Build.SIMULATED_DRIVER.toString());

    private final String title;
    private final String argument;

    CudaName(String title, String argument) {
        this.title = title;
        this.argument = argument;
    }

    /** In Markdown. */
    public String title() {
        return title;
    }

    String argument() {
        return argument;
    }
}
