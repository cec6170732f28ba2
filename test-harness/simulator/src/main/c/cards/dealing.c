// dealing.c: whose turn it is, and what runs in it. Works on a private view; see deal.h for the rules.
#include "cards/card_lock.h"
#include "cards/deal.h"
#include "cards/words.h"

enum { STEP_RECORDS = DEAL_KERNELS }; // one step writes at most so many

struct table {
    struct card *card;
    struct deal_view *view;
    int changed;
};

static const struct deal_kernel *kernel_of(const struct table *table, uint64_t row, uint64_t number) {
    return &table->card->deal->row[row].kernel[(number - 1) % DEAL_KERNELS];
}

static struct deal_progress *progress_of(const struct table *table, uint64_t row, uint64_t number) {
    return &table->view->row[row].progress[(number - 1) % DEAL_KERNELS];
}

static void record(struct table *table, const struct deal_kernel *kernel, const struct deal_progress *progress) {
    struct deal_view *view = table->view;
    if (word_load(&kernel->number) != progress->number || kernel->sms == 0 || view->time_ns == progress->run_ns) return;
    struct book_record *record = &view->record[view->new_records++];
    *record = (struct book_record){
        .number = ++view->record_count, .pid = kernel->pid, .context = kernel->context, .stream = kernel->stream,
        .submit_ns = kernel->submit_ns, .ready_ns = kernel->ready_ns, .start_ns = progress->run_ns, .end_ns = view->time_ns,
        .sms = kernel->sms | (uint64_t)table->card->description->sms << 32, .ended = progress->left_ns == 0,
    };
    words_load(record->name, kernel->name, BOOKS_NAME_WORDS);
}

// All that runs in this row stops here.
static void interrupt(struct table *table, uint64_t row) {
    for (int i = 0; i < DEAL_KERNELS; i++) {
        struct deal_progress *progress = &table->view->row[row].progress[i];
        if (!progress->run_ns) continue;
        record(table, kernel_of(table, row, progress->number), progress);
        progress->run_ns = 0;
        table->changed = 1;
    }
}

// Passes over what is over, and over what an owner before had handed in.
static void move_head(struct table *table, uint64_t row) {
    struct deal_view_row *seen = &table->view->row[row];
    uint64_t tail = word_load(&table->card->deal->row[row].tail);
    if (tail > DEAL_KERNELS && seen->head < tail - DEAL_KERNELS) seen->head = tail - DEAL_KERNELS;
    for (; seen->head < tail; seen->head++) {
        const struct deal_progress *progress = progress_of(table, row, seen->head + 1);
        const struct deal_kernel *kernel = kernel_of(table, row, seen->head + 1);
        int over = progress->number == seen->head + 1 && progress->end_ns;
        if (!over && word_load(&kernel->number) == seen->head + 1 && word_load(&kernel->owner) == seen->owner) break;
    }
}

static void adopt_owners(struct table *table) {
    struct deal_view *view = table->view;
    for (uint64_t i = 0; i < view->row_count; i++) {
        uint64_t owner = word_load(&table->card->deal->row[i].owner);
        if (owner == view->row[i].owner) continue;
        interrupt(table, i);
        view->row[i] = (struct deal_view_row){.owner = owner, .head = view->row[i].head};
        move_head(table, i);
        table->changed = 1;
    }
}

// Walks the kernels of a row that are not over, the first of each stream only.
struct walk {
    const struct table *table;
    uint64_t row, number, tail;
    int streams;
    uint64_t stream[DEAL_KERNELS];
};

static struct walk walk_begin(const struct table *table, uint64_t row) {
    struct walk walk = {.table = table, .row = row, .streams = 0};
    const struct deal_view_row *seen = &table->view->row[row];
    walk.tail = word_load(&table->card->deal->row[row].tail);
    walk.number = seen->head;
    if (walk.tail > DEAL_KERNELS && walk.number < walk.tail - DEAL_KERNELS) walk.number = walk.tail - DEAL_KERNELS;
    if (seen->owner == 0 || seen->dropped) walk.tail = 0;
    return walk;
}

static int first_of_stream(struct walk *walk, uint64_t stream) {
    for (int i = 0; i < walk->streams; i++)
        if (walk->stream[i] == stream) return 0;
    walk->stream[walk->streams++] = stream;
    return 1;
}

static const struct deal_kernel *walk_next(struct walk *walk, struct deal_progress **progress) {
    struct deal_view_row *row = &walk->table->view->row[walk->row];
    while (walk->number < walk->tail) {
        uint64_t number = ++walk->number;
        const struct deal_kernel *kernel = kernel_of(walk->table, walk->row, number);
        *progress = progress_of(walk->table, walk->row, number);
        if (word_load(&kernel->number) != number || word_load(&kernel->owner) != row->owner) continue;
        if ((*progress)->number != number)
            **progress = (struct deal_progress){.number = number, .left_ns = word_load(&kernel->length_ns)};
        if (!(*progress)->end_ns && first_of_stream(walk, word_load(&kernel->stream))) return kernel;
    }
    return NULL;
}

static uint64_t ready_at(const struct table *table, uint64_t row) {
    uint64_t ready_ns = UINT64_MAX;
    struct walk walk = walk_begin(table, row);
    struct deal_progress *progress;
    for (const struct deal_kernel *kernel; ready_ns && (kernel = walk_next(&walk, &progress));)
        ready_ns = word_load(&kernel->ready_ns) < ready_ns ? word_load(&kernel->ready_ns) : ready_ns;
    return ready_ns;
}

// Gives the turn to the next context that has something to run, or lets time pass until there is one. Whether there is one.
static int pass_turn(struct table *table, uint64_t now_ns) {
    struct deal_view *view = table->view;
    const struct card_description *description = table->card->description;
    uint64_t next = 0, earliest_ns = UINT64_MAX;
    for (uint64_t i = 1; i <= view->row_count; i++) {
        uint64_t row = (view->turn + i) % view->row_count, ready_ns = ready_at(table, row);
        if (ready_ns < view->time_ns) ready_ns = view->time_ns;
        if (ready_ns >= earliest_ns) continue;
        earliest_ns = ready_ns;
        next = row;
    }
    if (earliest_ns >= now_ns) return 0;
    table->changed = 1;
    uint64_t owner = view->row[next].owner;
    if (!card_slot_lives(table->card, (int)(owner & 0xffff) - 1)) {
        interrupt(table, next);
        view->row[next].dropped = 1;
        return 1;
    }
    if (owner != view->turn_owner && view->turn < view->row_count) interrupt(table, view->turn);
    view->time_ns = earliest_ns;
    if (owner != view->turn_owner && view->turn_owner) view->time_ns += description->switch_ns;
    view->turn = next;
    view->turn_owner = owner;
    view->slice_end_ns = view->time_ns + description->slice_ns;
    return 1;
}

// Starts what fits. Of what cannot start yet, when the first is ready.
static uint64_t fill_sms(struct table *table, uint64_t row) {
    struct deal_view *view = table->view;
    struct { const struct deal_kernel *kernel; struct deal_progress *progress; } waiting[DEAL_KERNELS];
    int count = 0;
    uint64_t later_ns = UINT64_MAX, busy_sms = 0, sms = table->card->description->sms;
    struct walk walk = walk_begin(table, row);
    struct deal_progress *progress;
    for (const struct deal_kernel *kernel; (kernel = walk_next(&walk, &progress));) {
        uint64_t ready_ns = word_load(&kernel->ready_ns);
        if (progress->run_ns) {
            busy_sms += word_load(&kernel->sms);
        } else if (ready_ns > view->time_ns) {
            later_ns = ready_ns < later_ns ? ready_ns : later_ns;
        } else {
            int at = count++; // in order of priority, then of number
            for (; at > 0 && waiting[at - 1].kernel->priority > kernel->priority; at--) waiting[at] = waiting[at - 1];
            waiting[at].kernel = kernel;
            waiting[at].progress = progress;
        }
    }
    for (int i = 0; i < count && busy_sms + waiting[i].kernel->sms <= sms; i++) {
        busy_sms += waiting[i].kernel->sms;
        waiting[i].progress->run_ns = view->time_ns;
        table->changed = 1;
    }
    return later_ns;
}

static uint64_t first_end(const struct table *table, uint64_t row) {
    uint64_t left_ns = UINT64_MAX - table->view->time_ns;
    for (int i = 0; i < DEAL_KERNELS; i++) {
        const struct deal_progress *progress = &table->view->row[row].progress[i];
        if (progress->run_ns && progress->left_ns < left_ns) left_ns = progress->left_ns;
    }
    return table->view->time_ns + left_ns;
}

static void run_until(struct table *table, uint64_t row, uint64_t until_ns) {
    struct deal_view_row *seen = &table->view->row[row];
    uint64_t passed_ns = until_ns - table->view->time_ns;
    table->view->time_ns = until_ns;
    table->changed = 1;
    for (int i = 0; i < DEAL_KERNELS; i++) {
        struct deal_progress *progress = &seen->progress[i];
        if (!progress->run_ns) continue;
        progress->left_ns -= passed_ns;
        if (progress->left_ns) continue;
        record(table, kernel_of(table, row, progress->number), progress);
        progress->run_ns = 0;
        progress->end_ns = until_ns;
    }
    move_head(table, row);
}

// One step of the turn. 0 when the present, or the end of what is known, is reached.
static int run_turn(struct table *table, uint64_t now_ns) {
    struct deal_view *view = table->view;
    uint64_t row = view->turn, later_ns = fill_sms(table, row), end_ns = first_end(table, row);
    uint64_t until_ns = end_ns < view->slice_end_ns ? end_ns : view->slice_end_ns;
    if (later_ns < until_ns) until_ns = later_ns;
    if (now_ns < until_ns) until_ns = now_ns;
    if (until_ns < view->time_ns || (until_ns == view->time_ns && end_ns > until_ns)) return 0;
    run_until(table, row, until_ns);
    return 1;
}

int deal_on(struct card *card, struct deal_view *view, uint64_t now_ns) {
    struct table table = {card, view, 0};
    adopt_owners(&table);
    while (view->row_count && view->new_records + STEP_RECORDS <= DEAL_RECORDS) {
        int holds = view->turn_owner && view->row[view->turn].owner == view->turn_owner && view->time_ns < view->slice_end_ns
                    && ready_at(&table, view->turn) <= view->time_ns;
        if (!(holds ? run_turn(&table, now_ns) : pass_turn(&table, now_ns))) break;
    }
    return table.changed;
}
