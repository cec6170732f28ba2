// print.c: vprintf and the assertion of device code. Text is formatted as the thread comes to it and handed to whoever launched.
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_TEXT = 1 << 16, MOST_STRING = 4096 };

struct output { char text[MOST_TEXT]; size_t length; };

// What an argument list in memory holds: every value at its natural alignment, in the order of the format.
struct source { struct ptx_run *run; struct ptx_thread *thread; uint64_t at; bool failed; };

static const struct ptx_insn UNCACHED = {.e = 0};

static uint64_t read_value(struct source *source, uint32_t bytes)
{
    uint64_t value = 0;
    source->at = (source->at + bytes - 1) / bytes * bytes;
    const uint8_t *place = ptx_generic(source->run, source->thread, &UNCACHED, source->at, bytes);
    if (!place) source->failed = true;
    if (source->failed) return 0;
    memcpy(&value, place, bytes);
    source->at += bytes;
    return value;
}

// A string of device memory, cut where it is longer than `size`. False: it lies outside of memory.
static bool read_string(struct ptx_run *run, struct ptx_thread *thread, uint64_t address, char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        const uint8_t *place = ptx_generic(run, thread, &UNCACHED, address + i, 1);
        if (!place) return false;
        text[i] = (char)*place;
        if (!text[i]) return true;
    }
    text[size - 1] = 0;
    return true;
}

static void append(struct output *output, const char *text, size_t length)
{
    size_t room = sizeof output->text - output->length;
    if (length > room) length = room;
    memcpy(output->text + output->length, text, length);
    output->length += length;
}

struct directive { char spelled[24], kind; bool wide; };

// A width or a precision: digits, or a '*' that stands for an argument.
static const char *parse_number(const char *at, struct source *source, char **to, const char *end, int *arguments)
{
    if (*at != '*') {
        for (; *at >= '0' && *at <= '9'; at++) {
            if (*to < end) *(*to)++ = *at;
        }
        return at;
    }
    int number = (int)(uint32_t)read_value(source, 4);
    if (number > 999 || number < -999) number = 0;
    if (end - *to > 4) *to += snprintf(*to, 5, "%d", number);
    ++*arguments;
    return at + 1;
}

// Flags, width, precision and length after a '%', in that order: whatever else comes there is no directive that C's printf knows.
static const char *parse_directive(const char *at, struct source *source, struct directive *directive, int *arguments)
{
    char *to = directive->spelled;
    char *const end = to + sizeof directive->spelled - 8; // room for a length and the kind
    *to++ = '%';
    for (; *at && strchr("-+ #0", *at); at++) {
        if (to < end) *to++ = *at;
    }
    at = parse_number(at, source, &to, end, arguments);
    if (*at == '.' && to < end) {
        char *point = to;
        *to++ = '.';
        at = parse_number(at + 1, source, &to, end, arguments);
        if (point[1] == '-') to = point; // a negative precision counts as none
    }
    for (; *at && strchr("hlLqjzt", *at); at++) {
        if (*at != 'h') directive->wide = true;
    }
    directive->kind = *at;
    *to = 0;
    return *at ? at + 1 : at;
}

static void finish(struct directive *directive, const char *ending) { strcat(directive->spelled, ending); }

#define FORMAT(...) length = snprintf(text, sizeof text, directive.spelled, __VA_ARGS__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
static const char *print_one(struct output *output, struct source *source, const char *at, int *arguments)
{
    struct directive directive = {.wide = false};
    char text[MOST_STRING + 1024], string[MOST_STRING];
    const char *begin = at, *next = parse_directive(at + 1, source, &directive, arguments);
    int length = 0;
    if (directive.kind == '%') {
        append(output, "%", 1);
        return next;
    }
    if (!directive.kind || !strchr("diouxXcsfFeEgGaAp", directive.kind)) { // printed as it stands, as the documentation says
        append(output, begin, (size_t)(next - begin));
        return next;
    }
    char kind[4] = {'l', 'l', directive.kind, 0};
    ++*arguments;
    if (strchr("fFeEgGaA", directive.kind)) {
        finish(&directive, kind + 2);
        FORMAT(ptx_f64(read_value(source, 8)));
    } else if (directive.kind == 's') {
        uint64_t address = read_value(source, 8);
        if (source->failed || !read_string(source->run, source->thread, address, string, sizeof string)) source->failed = true;
        if (source->failed) return next;
        finish(&directive, "s");
        FORMAT(string);
    } else if (directive.kind == 'p') {
        length = snprintf(text, sizeof text, "0x%llx", (unsigned long long)read_value(source, 8));
    } else if (directive.kind == 'c') {
        finish(&directive, "c");
        FORMAT((int)(uint8_t)read_value(source, 4));
    } else {
        bool is_signed = directive.kind == 'd' || directive.kind == 'i';
        uint64_t value = read_value(source, directive.wide ? 8 : 4);
        if (is_signed && !directive.wide) value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
        finish(&directive, kind);
        FORMAT((long long)value);
    }
    append(output, text, length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    return next;
}
#pragma GCC diagnostic pop

static uint64_t argument(const struct ptx_thread *thread, const struct ptx_call *call, size_t index)
{
    uint64_t value = 0;
    const struct ptx_parameter *parameter = &call->shape.arguments[index];
    memcpy(&value, ptx_frame_parameters(thread->frame) + parameter->offset, parameter->size < 8 ? parameter->size : 8);
    return value;
}

static void print(struct ptx_run *run, const char *text, size_t length)
{
    if (run->launch->print) run->launch->print(run->launch->print_context, text, length);
}

// (.b32) vprintf(.b64 format, .b64 arguments): how many arguments there were, -1 without a format.
bool ptx_vprintf(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_call *call)
{
    char format[MOST_STRING];
    struct source source = {.run = run, .thread = thread, .at = argument(thread, call, 1)};
    uint64_t address = argument(thread, call, 0);
    int32_t arguments = address ? 0 : -1;
    struct output *output = calloc(1, sizeof *output);
    bool read = output && (!address || read_string(run, thread, address, format, sizeof format));
    for (const char *at = format; address && read && *at && !source.failed;) {
        if (*at == '%') {
            at = print_one(output, &source, at, &arguments);
        } else {
            size_t plain = strcspn(at, "%");
            append(output, at, plain);
            at += plain;
        }
    }
    if (read && !source.failed) print(run, output->text, output->length);
    if (!output) {
        run->status = PTX_OUT_OF_MEMORY;
        run->fault_text = "the host has no memory left to print";
    }
    free(output);
    if (call->shape.result_count) memcpy(ptx_frame_parameters(thread->frame) + call->shape.results[0].offset, &arguments, sizeof arguments);
    return read && !source.failed;
}

// __assertfail(message, file, line, function, size of a character)
bool ptx_assertfail(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_call *call)
{
    char said[3][512] = {"", "", ""}, text[2048];
    const uint32_t *block = run->launch->block, *place = run->block->place, index = (uint32_t)(thread - run->block->threads);
    for (size_t i = 0; i < 3; i++) {
        if (!read_string(run, thread, argument(thread, call, i == 2 ? 3 : i), said[i], sizeof said[i])) return false;
    }
    int length = snprintf(text, sizeof text, "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n", said[1],
        (unsigned)argument(thread, call, 2), said[2], place[0], place[1], place[2], index % block[0], index / block[0] % block[1],
        index / block[0] / block[1], said[0]);
    print(run, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    run->status = PTX_ASSERTED;
    run->fault_text = "an assertion of the kernel failed";
    return false;
}
