// cost.c: see cost.h.
#include "cards/cost.h"

#include <math.h>

// splitmix64
static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

// Standard normal but for its tails, which end at 6: the sum of twelve even ones.
static double normal(uint64_t key) {
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += (double)((key = mix(key)) >> 11) * 0x1p-53;
    return sum;
}

uint64_t cost_noisy(const struct card_description *card, uint64_t stream, uint64_t number, uint64_t length_ns) {
    if (!card->noise) return length_ns;
    double sigma = card->noise_percent / 100.0;
    double factor = exp(sigma * normal(mix(mix(card->seed) ^ stream) ^ number) - sigma * sigma / 2);
    return (uint64_t)((double)length_ns * factor);
}

uint64_t cost_event(const struct card_description *card) {
    return card->noise ? card->event_ns : 0;
}

uint64_t cost_first_launch(const struct card_description *card) {
    return card->noise ? card->first_launch_ns : 0;
}

uint64_t cost_late_memory(const struct card_description *card, uint64_t seen_ns) {
    uint64_t spread_ms = card->late_memory_most_ms - card->late_memory_least_ms;
    return (card->late_memory_least_ms + mix(seen_ns ^ card->seed) % (spread_ms + 1)) * 1000000;
}
