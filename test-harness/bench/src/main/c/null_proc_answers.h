// null_proc_answers.h: what cuGetProcAddress of the do-nothing driver answers; the rows are generated.
#ifndef SLUICE_NULL_PROC_ANSWERS_H
#define SLUICE_NULL_PROC_ANSWERS_H

// Sorted by base, flags, from_version. A request gets the last row of its base and flags whose from_version it reaches.
struct null_proc_answer {
    const char *base;
    unsigned flags;
    int from_version;
    void *function; // NULL where the driver has none
    int status;     // CUdriverProcAddressQueryResult
};
extern const struct null_proc_answer null_proc_answers[];
extern const int null_proc_answer_count;

#endif
