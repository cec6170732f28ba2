// helper.h: threads beside the workers, for what may take as long as it likes. Each owner has one at most, which runs its tasks in
// the order in which they came and goes away when there have been none for a while.
#ifndef SLUICE_SIM_HELPER_H
#define SLUICE_SIM_HELPER_H

struct helper_task {
    struct helper_task *next;
    void (*run)(struct helper_task *task); // the task is its own to free
};

// Runs the task in the owner's thread; here and now where no thread can be had. The owner is only a name for the thread.
void helper_run(struct helper_task *task, const void *owner);

#endif
