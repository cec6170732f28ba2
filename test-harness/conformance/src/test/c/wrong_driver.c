// A driver with one device that takes any flags for cuInit, writes where it is told without a look, and exports nothing else.
int cuInit(unsigned int flags) {
    (void)flags;
    return 0;
}

int cuDriverGetVersion(int *version) {
    *version = 12020;
    return 0;
}

int cuDeviceGetCount(int *count) {
    *count = 1;
    return 0;
}
