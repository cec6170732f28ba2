// printed.c: see printed.h. One lock for all contexts, taken by those that print alone.
#include "driver/printed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_FIFO = 1, CALL_BYTES = 16 }; // what a call takes besides its text

struct line { struct line *next; size_t length; char text[]; };
struct printed { struct line *first, **end; size_t bytes; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void drop_first(struct printed *printed) {
    struct line *line = printed->first;
    printed->first = line->next;
    if (!printed->first) printed->end = &printed->first;
    printed->bytes -= line->length + CALL_BYTES;
    free(line);
}

void printed_add(void *context, const char *text, size_t length) {
    CUcontext owner = context;
    struct line *line = malloc(sizeof *line + length);
    if (!line) return;
    line->next = NULL;
    line->length = length;
    memcpy(line->text, text, length);
    pthread_mutex_lock(&lock);
    struct printed *printed = owner->printed;
    if (!printed && (printed = calloc(1, sizeof *printed))) {
        printed->end = &printed->first;
        atomic_store(&owner->printed, printed);
    }
    if (printed) {
        *printed->end = line;
        printed->end = &line->next;
        printed->bytes += length + CALL_BYTES;
        while (printed->first && printed->bytes > owner->limits[LIMIT_FIFO]) drop_first(printed);
    } else {
        free(line);
    }
    pthread_mutex_unlock(&lock);
}

void printed_flush(CUcontext context) {
    struct printed *printed = atomic_load(&context->printed);
    if (!printed) return;
    pthread_mutex_lock(&lock);
    for (; printed->first; drop_first(printed)) fwrite(printed->first->text, 1, printed->first->length, stdout);
    pthread_mutex_unlock(&lock);
    fflush(stdout);
}

void printed_flush_current(void) {
    int stale;
    CUcontext context = current_top(&stale);
    if (context && !stale && context_is(context)) printed_flush(context);
}

void printed_close(CUcontext context) {
    printed_flush(context);
    free(context->printed);
    context->printed = NULL;
}
