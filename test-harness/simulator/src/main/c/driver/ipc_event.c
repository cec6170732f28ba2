// ipc_event.c: see ipc_event.h. A thread carries what this process' streams have reached to the others, and theirs to it: waiting
// for another process is looked at every 100 us, as long as somebody waits.
#define _GNU_SOURCE
#include "driver/ipc_event.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "cards/shared.h"
#include "driver/api.h"
#include "driver/event.h"
#include "driver/ipc.h"
#include "driver/physical.h"

enum { LOOK_NS = 100000, STATE_BYTES = 4096 };

static const uint64_t MAGIC = UINT64_C(0x746e657665697053);

// In a CUipcEventHandle.
struct ticket {
    uint64_t magic, generation;
    uint8_t uuid[16];
    uint32_t entry;
};
_Static_assert(sizeof(struct ticket) <= sizeof(CUipcEventHandle), "a handle holds it");

struct ipc_event {
    _Atomic uint32_t holders; // the event, and each watch
    _Atomic uint64_t own_record; // this process' last one
    struct shared_memory *shared;
    struct ipc_state *state;
};

struct watch {
    struct watch *next;
    struct ipc_event *event;
    struct moment *moment;
    uint64_t record;
    int foreign; // the moment follows the state; otherwise the state follows the moment
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the list
static pthread_cond_t added = PTHREAD_COND_INITIALIZER;
static struct watch *watches;
static int watching;
// Whose worker executes the moments of other processes: none. Who waits for one waits here.
static struct queue elsewhere = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .progress = PTHREAD_COND_INITIALIZER};

void ipc_event_drop(struct ipc_event *event) {
    if (!event || atomic_fetch_sub(&event->holders, 1) != 1) return;
    munmap(event->state, STATE_BYTES);
    shared_leave(event->shared);
    free(event);
}

static void reach(struct ipc_state *state, uint64_t record, uint64_t at_ns) {
    if (atomic_load(&state->reached) >= record) return;
    atomic_store(&state->at_ns, at_ns);
    atomic_store(&state->reached, record);
}

static int is_gone(const struct ipc_state *state) {
    int32_t pid = atomic_load(&((struct ipc_state *)state)->pid);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

// Whether there is nothing more to watch.
static int look(const struct watch *watch) {
    struct ipc_state *state = watch->event->state;
    struct moment *moment = watch->moment;
    if (!watch->foreign) {
        if (!atomic_load(&moment->executed)) return 0;
        reach(state, watch->record, moment->at_ns);
        return 1;
    }
    int reached = atomic_load(&state->reached) >= watch->record;
    if (!reached && !is_gone(state)) return 0;
    pthread_mutex_lock(&elsewhere.lock);
    moment->at_ns = reached ? atomic_load(&state->at_ns) : clock_now_ns();
    atomic_store(&moment->executed, 1);
    pthread_cond_broadcast(&elsewhere.progress);
    pthread_mutex_unlock(&elsewhere.lock);
    return 1;
}

static void look_at_all(void) {
    for (struct watch **link = &watches; *link;) {
        struct watch *watch = *link;
        if (!look(watch)) {
            link = &watch->next;
            continue;
        }
        *link = watch->next;
        moment_drop(watch->moment);
        ipc_event_drop(watch->event);
        free(watch);
    }
}

static void *watch_main(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!watches) pthread_cond_wait(&added, &lock);
        look_at_all();
        pthread_mutex_unlock(&lock);
        clock_sleep_until(clock_now_ns() + LOOK_NS);
        pthread_mutex_lock(&lock);
    }
    return NULL;
}

// The application's signals are not for this thread.
static int start_watching(void) {
    pthread_t thread;
    sigset_t blocked, before;
    if (watching) return 0;
    sigfillset(&blocked);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    watching = pthread_create(&thread, NULL, watch_main, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (watching) pthread_detach(thread);
    return watching ? 0 : -1;
}

static void watch(struct ipc_event *event, struct moment *moment, uint64_t record, int foreign) {
    struct watch *fresh = malloc(sizeof *fresh);
    pthread_mutex_lock(&lock);
    if (fresh && start_watching() == 0) {
        atomic_fetch_add(&event->holders, 1);
        *fresh = (struct watch){watches, event, moment_hold(moment), record, foreign};
        watches = fresh;
        pthread_cond_signal(&added);
        fresh = NULL;
    }
    pthread_mutex_unlock(&lock);
    free(fresh);
}

void ipc_event_recorded(struct ipc_event *event, struct moment *moment) {
    atomic_store(&event->state->pid, (int32_t)getpid());
    uint64_t record = atomic_fetch_add(&event->state->recorded, 1) + 1;
    atomic_store(&event->own_record, record);
    watch(event, moment, record, 0);
}

struct moment *ipc_event_latest(struct ipc_event *event, struct moment *own) {
    uint64_t record = atomic_load(&event->state->recorded);
    if (own && record == atomic_load(&event->own_record)) return moment_hold(own);
    struct moment *moment = record ? moment_new(&elsewhere) : NULL;
    if (!moment) return NULL;
    if (atomic_load(&event->state->reached) >= record) {
        moment->at_ns = atomic_load(&event->state->at_ns);
        atomic_store(&moment->executed, 1);
    } else {
        watch(event, moment, record, 1);
    }
    return moment;
}

// NULL when the file cannot be mapped; the hold is then let go.
static struct ipc_event *map_state(struct shared_memory *shared) {
    struct ipc_event *event = calloc(1, sizeof *event);
    int fd = event ? shared_map_fd(shared) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, STATE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    if (map == MAP_FAILED) {
        free(event);
        shared_leave(shared);
        return NULL;
    }
    atomic_store(&event->holders, 1);
    event->shared = shared;
    event->state = map;
    return event;
}

CUresult cuIpcGetEventHandle(CUipcEventHandle *pHandle, CUevent event) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!event_is(event)) return CUDA_ERROR_INVALID_HANDLE;
    if (!pHandle || !event_is_interprocess(event)) return CUDA_ERROR_INVALID_VALUE;
    struct card *card = &event->context->device->card;
    pthread_mutex_lock(&event->lock);
    if (!event->ipc) {
        struct shared_memory *shared = shared_create(card, SHARED_EVENT, STATE_BYTES, 0, "", 0);
        event->ipc = shared ? map_state(shared) : NULL;
        if (event->ipc && event->recorded) ipc_event_recorded(event->ipc, event->recorded);
    }
    struct ipc_event *ipc = event->ipc;
    pthread_mutex_unlock(&event->lock);
    if (!ipc) return CUDA_ERROR_OUT_OF_MEMORY;
    struct ticket ticket = {.magic = MAGIC, .generation = ipc->shared->page.generation, .entry = ipc->shared->page.entry};
    memcpy(ticket.uuid, card->description->uuid_bytes, sizeof ticket.uuid);
    memset(pHandle, 0, sizeof *pHandle);
    memcpy(pHandle, &ticket, sizeof ticket);
    return CUDA_SUCCESS;
}

CUresult cuIpcOpenEventHandle(CUevent *phEvent, CUipcEventHandle handle) {
    CUcontext context;
    struct ticket ticket;
    struct shared_page page;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    memcpy(&ticket, &handle, sizeof ticket);
    if (!phEvent) return CUDA_ERROR_INVALID_VALUE;
    if (ticket.magic != MAGIC) return CUDA_ERROR_INVALID_HANDLE;
    struct device *device = ipc_device(ticket.uuid);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    if (shared_look_up(&device->card, ticket.entry, ticket.generation, SHARED_EVENT, &page) != 0) return CUDA_ERROR_MAP_FAILED;
    struct shared_memory *shared = shared_join(&device->card, &page);
    struct ipc_event *ipc = shared ? map_state(shared) : NULL;
    if (!ipc) return CUDA_ERROR_MAP_FAILED;
    result = event_create_interprocess(context, ipc, phEvent);
    if (result != CUDA_SUCCESS) ipc_event_drop(ipc);
    return result;
}
