// control.h: what Java and the probe call. All of it is in the libwrapper. What concerns ledgers is in libsluice-control.so too,
// over the books and nothing else: a tool that loads that does not get a libcuda.so.1 into its process. Exported; plain C
// types; a text buffer of SLUICE_TEXT_BYTES takes a sentence when the answer is negative.
#ifndef SLUICE_CONTROL_H
#define SLUICE_CONTROL_H

#include <stdint.h>

#define SLUICE_EXPORT __attribute__((visibility("default")))

enum { SLUICE_TEXT_BYTES = 512 };

// The release of this libwrapper. Its presence tells a libwrapper from a driver.
SLUICE_EXPORT const char *sluice_version(void);

// Takes back the slots of dead processes of a tenant. Returns how many, or -1.
SLUICE_EXPORT int sluice_control_sweep(const char *run_dir, const char *tenant, uint64_t *reclaimed_bytes, char *text);

// The process id of one of the tenant's processes that live and hold a slot, in whatever ledger, also a removed one; 0 where
// there is none, -1 where that cannot be known.
SLUICE_EXPORT int sluice_control_holder(const char *run_dir, const char *tenant, char *text);

// For every row of the ledger in turn: used bytes, and the sum over slots, read as of one instant. `values` takes 2 × `rows`.
// Returns the number of rows that there are, or -1.
SLUICE_EXPORT int sluice_control_audit(const char *run_dir, const char *tenant, uint64_t *values, int rows, char *text);

// Could this process join its tenant and reach a driver, as its settings stand? 0, or the exit code that `sluice run`
// documents: 69 no driver, 77 no ledger or limits. Joins nothing.
SLUICE_EXPORT int sluice_control_probe(char *text);

// The part of that which needs no tenant: 0 and the path of the driver that calls would be forwarded to, or 69.
SLUICE_EXPORT int sluice_control_driver(char *text);

// For an agent, in a process whose CUDA calls have not begun: goes before SLUICE_TENANT, SLUICE_RUN_DIR, SLUICE_DRIVER and
// SLUICE_ON_FAILURE, which stay as they are. NULL leaves a value to the environment. Returns 0, or -1.
SLUICE_EXPORT int sluice_control_configure(const char *tenant, const char *run_dir, const char *driver, const char *on_failure, char *text);

// Makes this library the one that the loader finds for libcuda.so.1 and, by loading `alias`, for libcuda.so, whoever in this
// process asks for them by name from now on; and for libnvidia-ml.so.1 and libnvidia-ml.so, by the aliases beside that one. Returns
// 0, or -1 where another library got there first.
SLUICE_EXPORT int sluice_control_take_hold(const char *alias, char *text);

// For a tool that is to see a GPU as it is, where NVML by any name is this library: the function of that name of the NVML in
// `library`, or, where that is no absolute path, of the one that calls are forwarded to. NULL where there is none.
SLUICE_EXPORT void *sluice_control_real_nvml(const char *library, const char *function);

// For an agent that listens for denials, see denial_post.h: struct sluice_denial_note, enum sluice_listening, sluice_news.
SLUICE_EXPORT void sluice_control_listen(int listening);
SLUICE_EXPORT int sluice_control_next_denial(void *note, int timeout_ms);
SLUICE_EXPORT int sluice_control_answer_denial(int ticket);

// Every field of the shared layout in turn: its name ("row.peak_bytes") and offset, or a constant ("ROW_COUNT") and its value.
// Returns 0 past the last.
SLUICE_EXPORT int sluice_control_layout(int index, const char **name, uint64_t *value);

#endif
