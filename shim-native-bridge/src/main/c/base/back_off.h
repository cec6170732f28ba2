// back_off.h: waiting for others who want the same cache line. Each look takes it from whoever works on it, so looks are ever
// further apart; and who is left alone for a while gets many operations done at the price of one.
#ifndef SLUICE_BACK_OFF_H
#define SLUICE_BACK_OFF_H

#include "processor.h"

// Some 1 and 20 microseconds on present processors.
enum { SLUICE_FIRST_PAUSES = 64, SLUICE_MOST_PAUSES = 1024 };

// Waits for `pauses` turns of an empty loop. Returns how many the next wait is to have.
static inline unsigned sluice_back_off(unsigned pauses) {
    for (unsigned i = 0; i < pauses; i++) {
        sluice_pause();
    }
    return pauses < SLUICE_MOST_PAUSES ? pauses * 2 : pauses;
}

#endif
