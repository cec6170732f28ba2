// faults.h: faults on request. <folder>/faults.conf names them, one a line, and may come, change and go while programs run:
//
//   allocation [after=N] [times=M]                 allocations of device memory fail with 2
//   hang kernel=NAME [after=N] [times=M]           the kernel does not end while the line is there
//   error code=700 [kernel=NAME] [after=N] [times=M]  the kernel fails with this, which breaks its context
//   ecc                                            an uncorrectable memory error: breaks the contexts that are open with 214
//   lost                                           the card is off the bus
//   slow_copies factor=F                           copies last F times as long
//
// Each may be limited by card=INDEX or card=UUID and by pid=PID. N calls (0) go well before M (all) that do not, counted by each
// process since it read the line. A file that cannot be read, or has an error in it, stands for no faults, and one line on stderr.
//
// Without the file a call costs a coarse clock read; the file is looked at each 10 ms at most, by whoever calls.
#ifndef SLUICE_SIM_FAULTS_H
#define SLUICE_SIM_FAULTS_H

#include "cards/cards.h"

enum fault_kind { FAULT_ALLOCATION, FAULT_HANG, FAULT_ERROR, FAULT_ECC, FAULT_LOST, FAULT_SLOW_COPIES, FAULT_KINDS };

// `cards` is kept. `changed` (may be NULL) is called by the thread that read a changed file.
void faults_watch(const struct cards *cards, void (*changed)(void));
// Reads the file if it is time to and it has changed.
void faults_look(void);
// Whether there is a line of this kind for the card and this process; counts nothing.
int fault_is(enum fault_kind kind, const struct card_description *card);
// The same, and this call is one of those that fail; `kernel` is NULL where none concerns it. Then the line's number, else 0.
int fault_strikes(enum fault_kind kind, const struct card_description *card, const char *kernel);
// The code of the line that fault_strikes gave.
int fault_code(int line);
uint64_t fault_copy_factor(const struct card_description *card);

#endif
