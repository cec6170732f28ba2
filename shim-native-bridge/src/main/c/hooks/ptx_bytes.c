// ptx_bytes.c: the variables that PTX text declares at module scope (PTX ISA, "State Spaces", "Variables").
#define _GNU_SOURCE // memmem
#include "image_bytes.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at, *end;
};

// One declaration statement as far as it is read.
struct statement {
    int external, counted; // .extern; .global or .const
    uint64_t element_bytes, vector;
    uint64_t sum;
};

static uint64_t times(uint64_t a, uint64_t b) {
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) || product > INT64_MAX ? INT64_MAX : product;
}

static uint64_t plus(uint64_t a, uint64_t b) {
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) || sum > INT64_MAX ? INT64_MAX : sum;
}

static int is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '%' || c == '.';
}

static void skip_line(struct reader *r) {
    while (r->at < r->end && *r->at != '\n') {
        r->at++;
    }
}

// Spaces, comments, strings and preprocessor lines.
static void skip_blank(struct reader *r) {
    while (r->at < r->end) {
        size_t left = (size_t)(r->end - r->at);
        if (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r') {
            r->at++;
        } else if (left > 1 && r->at[0] == '/' && r->at[1] == '/') {
            skip_line(r);
        } else if (left > 1 && r->at[0] == '/' && r->at[1] == '*') {
            const char *close = memmem(r->at + 2, left - 2, "*/", 2);
            r->at = close ? close + 2 : r->end;
        } else if (*r->at == '"') {
            const char *close = memchr(r->at + 1, '"', left - 1);
            r->at = close ? close + 1 : r->end;
        } else {
            return;
        }
    }
}

static size_t name_length(const struct reader *r) {
    const char *at = r->at;
    while (at < r->end && is_name(*at)) {
        at++;
    }
    return (size_t)(at - r->at);
}

// Behind the brace that closes the one at r->at. *commas: between its elements.
static void skip_braces(struct reader *r, uint64_t *commas) {
    int depth = 0;
    do {
        depth += *r->at == '{' ? 1 : *r->at == '}' ? -1 : 0;
        *commas += *r->at == ',';
        r->at++;
        skip_blank(r);
    } while (r->at < r->end && depth > 0);
}

static int is(const char *word, size_t length, const char *expected) {
    return length == strlen(expected) && memcmp(word, expected, length) == 0;
}

// 0 for a word that is no type.
static uint64_t type_bytes(const char *word, size_t length) {
    if (is(word, length, ".texref") || is(word, length, ".samplerref") || is(word, length, ".surfref") || is(word, length, ".f16x2") || is(word, length, ".bf16x2")) {
        return 8;
    }
    if (length < 3 || word[0] != '.' || !strchr("busf", word[1])) {
        return 0;
    }
    uint64_t bits = 0;
    for (size_t i = word[1] == 'b' && word[2] == 'f' ? 3 : 2; i < length && i < 6 && word[i] >= '0' && word[i] <= '9'; i++) {
        bits = bits * 10 + (uint64_t)(word[i] - '0');
    }
    return bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128 ? bits / 8 : 0;
}

static void take_word(struct statement *s, const char *word, size_t length) {
    uint64_t bytes = type_bytes(word, length);
    s->external |= is(word, length, ".extern");
    s->counted |= is(word, length, ".global") || is(word, length, ".const");
    s->vector = is(word, length, ".v2") ? 2 : is(word, length, ".v4") ? 4 : is(word, length, ".v8") ? 8 : s->vector;
    s->element_bytes = bytes ? bytes : s->element_bytes;
}

// A declarator from its name on: [N]…, = value.
static void take_variable(struct reader *r, struct statement *s) {
    uint64_t elements = 1;
    int open_ended = 0;
    r->at += name_length(r);
    for (skip_blank(r); r->at < r->end && *r->at == '['; skip_blank(r)) {
        r->at++;
        skip_blank(r);
        char text[32] = "";
        size_t length = name_length(r);
        memcpy(text, r->at, length < sizeof text ? length : 0);
        open_ended |= length == 0;
        elements = times(elements, length ? strtoull(text, NULL, 0) : 1);
        while (r->at < r->end && *r->at++ != ']') {
        }
    }
    uint64_t values = 1;
    if (r->at < r->end && *r->at == '=') {
        r->at++;
        skip_blank(r);
        if (r->at < r->end && *r->at == '{') {
            skip_braces(r, &values);
        } else {
            while (r->at < r->end && *r->at != ',' && *r->at != ';') {
                r->at++;
            }
        }
    }
    s->sum = plus(s->sum, times(open_ended ? values : elements, times(s->element_bytes, s->vector)));
}

// A name that does not begin with a dot, in a statement that declares variables, is one of them.
int64_t sluice_ptx_bytes(const char *text, size_t length) {
    struct reader r = {text, text + strnlen(text, length)};
    struct statement s = {.vector = 1};
    uint64_t sum = 0, ignored = 0;
    for (skip_blank(&r); r.at < r.end; skip_blank(&r)) {
        size_t word = name_length(&r);
        if (*r.at == ';' || *r.at == '{') {
            sum = plus(sum, s.counted && !s.external ? s.sum : 0);
            s = (struct statement){.vector = 1};
            if (*r.at == '{') {
                skip_braces(&r, &ignored);
            } else {
                r.at++;
            }
        } else if (word && *r.at != '.' && s.counted && s.element_bytes) {
            take_variable(&r, &s);
        } else if (word) {
            if (is(r.at, word, ".version") || is(r.at, word, ".target") || is(r.at, word, ".address_size") || is(r.at, word, ".file") || is(r.at, word, ".loc")) {
                skip_line(&r); // directives without an end of their own
            } else {
                take_word(&s, r.at, word);
                if (is(r.at, word, ".align")) {
                    r.at += word;
                    skip_blank(&r);
                    word = name_length(&r);
                }
                r.at += word;
            }
        } else {
            r.at++;
        }
    }
    return (int64_t)sum;
}
