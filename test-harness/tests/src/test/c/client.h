// client.h: what the files of the test client share.
#ifndef SLUICE_TEST_CLIENT_H
#define SLUICE_TEST_CLIENT_H

#include "cuda.h"

// Writes one line at once, past stdio, so that a forked child repeats nothing of its parent.
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

// work.c
void do_kernel(char **arguments);
void do_untouched(char **arguments);

// spin.c
void do_spin(char **arguments);

// load.c
void do_churn(char **arguments);
void do_fill(char **arguments);
void do_drop(char **arguments);

// families.c
void do_pool_alloc(char **arguments);
void do_pool_free(char **arguments);
void do_pool_create(char **arguments);
void do_pool_default(char **arguments);
void do_pool_destroy(char **arguments);
void do_pool_trim(char **arguments);
void do_pool_alloc_beside(char **arguments);
void do_capture_begin(char **arguments);
void do_capture_end(char **arguments);
void do_pool_keep(char **arguments);
void do_reserved(char **arguments);
void do_sync(char **arguments);
void do_create(char **arguments);
void do_release(char **arguments);
void do_map(char **arguments);
void do_unmap(char **arguments);
void do_retain(char **arguments);
void do_array(char **arguments);
void do_mipmapped(char **arguments);
void do_array_destroy(char **arguments);
void do_graph(char **arguments);
void do_graph_launch(char **arguments);
void do_graph_destroy(char **arguments);
void do_graph_trim(char **arguments);
void do_graph_reserved(char **arguments);

// host.c
void do_host_alloc(char **arguments);
void do_host_register(char **arguments);
void do_host_free(char **arguments);
void do_host_unregister(char **arguments);
void do_host_create(char **arguments);

// client.c: an allocation of cuMemAlloc by its number
uint64_t allocation_at(const char *number);

// share.c
int send_descriptor(const char *path, int fd);
int receive_descriptor(const char *path);
void do_ipc_get(char **arguments);
void do_ipc_open(char **arguments);
void do_ipc_close(char **arguments);
void do_external(char **arguments);
void do_export(char **arguments);
void do_import(char **arguments);

// modules.c
void do_module(char **arguments);
void do_module_unload(char **arguments);
void do_function(char **arguments);
void do_launch(char **arguments);
void do_launch_together(char **arguments);
void do_limit(char **arguments);

// guest.c
void do_null_outputs(char **arguments);
void do_mixed_free(char **arguments);
void do_surroundings(char **arguments);
void do_exec(char **arguments);

// nvml.c
void do_nvml(char **arguments);
void do_nvml_symbol(char **arguments);
void do_nvml_memory(char **arguments);
void do_nvml_processes(char **arguments);
void do_nvml_used(char **arguments);

#endif
