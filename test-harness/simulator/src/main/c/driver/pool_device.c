// pool_device.c: the pools that a GPU has by itself: the default one, the current one, and that of graphs.
#include "driver/pool.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the table
static struct {
    struct memory_pool *first, *current, *graphs;
} of_device[CARDS_MAX];

static struct memory_pool *open_once(struct memory_pool **pool, struct device *device) {
    if (!*pool) *pool = pool_open(device, HANDLE_NONE, 0);
    return *pool;
}

struct memory_pool *pool_default(struct device *device) {
    pthread_mutex_lock(&lock);
    struct memory_pool *pool = open_once(&of_device[device_ordinal(device)].first, device);
    pthread_mutex_unlock(&lock);
    return pool;
}

struct memory_pool *pool_of_graphs(struct device *device) {
    pthread_mutex_lock(&lock);
    struct memory_pool *pool = open_once(&of_device[device_ordinal(device)].graphs, device);
    if (pool) pool->keeps = 1;
    pthread_mutex_unlock(&lock);
    return pool;
}

// A current pool that was destroyed makes way for the default one.
struct memory_pool *pool_current(struct device *device) {
    pthread_mutex_lock(&lock);
    struct memory_pool *pool = of_device[device_ordinal(device)].current;
    pthread_mutex_unlock(&lock);
    return pool && pool_is(pool) ? pool : pool_default(device);
}

void pool_make_current(struct device *device, struct memory_pool *pool) {
    pthread_mutex_lock(&lock);
    of_device[device_ordinal(device)].current = pool;
    pthread_mutex_unlock(&lock);
}
