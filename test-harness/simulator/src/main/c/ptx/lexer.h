// lexer.h: cuts PTX text into tokens. Never fails: what it cannot read is a PTX_TOKEN_BAD.
#ifndef SLUICE_PTX_LEXER_H
#define SLUICE_PTX_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ptx_slice { const char *at; size_t length; };

enum ptx_token_kind {
    PTX_TOKEN_END,
    PTX_TOKEN_WORD,    // names, directives and whole opcodes: %r1, .reg, ld.global.L1::no_allocate.f32
    PTX_TOKEN_INTEGER, // value
    PTX_TOKEN_FLOAT,   // value holds the bits of a double; single says that it was written as 0fXXXXXXXX, bits of a float
    PTX_TOKEN_STRING,
    PTX_TOKEN_MARK,    // one character of punctuation
    PTX_TOKEN_BAD
};

struct ptx_token {
    enum ptx_token_kind kind;
    struct ptx_slice text;
    uint64_t value;
    uint32_t line;
    bool single;
};

struct ptx_lexer { const char *at, *end; uint32_t line; };

struct ptx_token ptx_lex(struct ptx_lexer *lexer);
void ptx_lex_skip_line(struct ptx_lexer *lexer);

bool ptx_slice_is(struct ptx_slice slice, const char *text);
bool ptx_token_is(const struct ptx_token *token, const char *word_or_mark);

#endif
