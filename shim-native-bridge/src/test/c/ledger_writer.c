// ledger_writer.c: writes the two words of a pair at once, as the books do, for a reader in Java to look at meanwhile.
#include "atomic_pair.h"

__attribute__((visibility("default"))) void ledger_writer_set(struct sluice_pair *pair, uint64_t low, uint64_t high);

void ledger_writer_set(struct sluice_pair *pair, uint64_t low, uint64_t high) {
    struct sluice_pair seen = sluice_pair_load(pair);
    while (!sluice_pair_swap(pair, &seen, (struct sluice_pair){.low = low, .high = high})) {
    }
}
