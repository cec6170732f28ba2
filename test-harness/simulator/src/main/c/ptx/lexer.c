#include "lexer.h"

#include <stdlib.h>
#include <string.h>

bool ptx_slice_is(struct ptx_slice slice, const char *text)
{
    size_t same = 0; // most differ in the first character
    while (same < slice.length && text[same] && text[same] == slice.at[same]) same++;
    return same == slice.length && !text[same];
}

bool ptx_token_is(const struct ptx_token *token, const char *word_or_mark)
{
    return (token->kind == PTX_TOKEN_WORD || token->kind == PTX_TOKEN_MARK) && ptx_slice_is(token->text, word_or_mark);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

static int digit_value(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

void ptx_lex_skip_line(struct ptx_lexer *lexer)
{
    while (lexer->at < lexer->end && *lexer->at != '\n') lexer->at++;
}

// Skips blanks and comments. False when a block comment has no end.
static bool skip_blanks(struct ptx_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        char c = *lexer->at;
        size_t left = (size_t)(lexer->end - lexer->at);
        if (c == '\n') {
            lexer->line++;
            lexer->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
            lexer->at++;
        } else if (left >= 2 && c == '/' && lexer->at[1] == '/') {
            ptx_lex_skip_line(lexer);
        } else if (left >= 2 && c == '/' && lexer->at[1] == '*') {
            lexer->at += 2;
            while (lexer->end - lexer->at >= 2 && !(lexer->at[0] == '*' && lexer->at[1] == '/')) {
                if (*lexer->at++ == '\n') lexer->line++;
            }
            if (lexer->end - lexer->at < 2) return false;
            lexer->at += 2;
        } else {
            break;
        }
    }
    return true;
}

static void lex_word(struct ptx_lexer *lexer)
{
    lexer->at++;
    while (lexer->at < lexer->end) {
        char c = *lexer->at;
        bool qualifier = c == ':' && lexer->end - lexer->at > 2 && lexer->at[1] == ':' &&
            (is_letter(lexer->at[2]) || is_digit(lexer->at[2]));
        if (qualifier)
            lexer->at += 2;
        else if (is_letter(c) || is_digit(c) || c == '.')
            lexer->at++;
        else
            break;
    }
}

// Digits of one base; saturates the token to BAD when the number does not fit 64 bits or has no digit.
static void lex_digits(struct ptx_lexer *lexer, struct ptx_token *token, unsigned base)
{
    unsigned digits = 0;
    token->kind = PTX_TOKEN_INTEGER;
    for (; lexer->at < lexer->end && digit_value(*lexer->at) < (int)base; lexer->at++, digits++) {
        unsigned digit = (unsigned)digit_value(*lexer->at);
        if (token->value > (UINT64_MAX - digit) / base) {
            token->kind = PTX_TOKEN_BAD;
            return;
        }
        token->value = token->value * base + digit;
    }
    if (digits == 0) token->kind = PTX_TOKEN_BAD;
    if (lexer->at < lexer->end && (*lexer->at == 'U' || *lexer->at == 'u')) lexer->at++;
}

static void lex_float_bits(struct ptx_lexer *lexer, struct ptx_token *token, unsigned digits)
{
    lex_digits(lexer, token, 16);
    if (token->kind == PTX_TOKEN_BAD || lexer->at - token->text.at != 2 + (long)digits) {
        token->kind = PTX_TOKEN_BAD;
        return;
    }
    token->kind = PTX_TOKEN_FLOAT;
    token->single = digits == 8;
}

static bool looks_decimal(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) at++;
    return at < end && (*at == '.' || *at == 'e' || *at == 'E');
}

static void lex_decimal(struct ptx_lexer *lexer, struct ptx_token *token)
{
    char copy[64];
    size_t length = 0;
    while (lexer->at < lexer->end && length < sizeof copy - 1) {
        char c = *lexer->at;
        bool sign = (c == '-' || c == '+') && length && (copy[length - 1] == 'e' || copy[length - 1] == 'E');
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && !sign) break;
        copy[length++] = c;
        lexer->at++;
    }
    copy[length] = 0;
    char *stop;
    double value = strtod(copy, &stop);
    memcpy(&token->value, &value, sizeof value);
    token->kind = *stop == 0 ? PTX_TOKEN_FLOAT : PTX_TOKEN_BAD;
}

static void lex_number(struct ptx_lexer *lexer, struct ptx_token *token)
{
    char second = lexer->end - lexer->at > 1 && *lexer->at == '0' ? lexer->at[1] : 0;
    unsigned base = second == 'x' || second == 'X' ? 16 : second == 'b' || second == 'B' ? 2 : 0;
    if (base) {
        lexer->at += 2;
        lex_digits(lexer, token, base);
    } else if (second == 'f' || second == 'F' || second == 'd' || second == 'D') {
        lexer->at += 2;
        lex_float_bits(lexer, token, second == 'f' || second == 'F' ? 8 : 16);
    } else if (looks_decimal(lexer->at, lexer->end)) {
        lex_decimal(lexer, token);
    } else {
        lex_digits(lexer, token, second ? 8 : 10);
        if (lexer->at < lexer->end && is_digit(*lexer->at)) token->kind = PTX_TOKEN_BAD;
    }
    if (lexer->at < lexer->end && is_letter(*lexer->at)) token->kind = PTX_TOKEN_BAD;
}

static void lex_string(struct ptx_lexer *lexer, struct ptx_token *token)
{
    lexer->at++;
    while (lexer->at < lexer->end && *lexer->at != '"' && *lexer->at != '\n') lexer->at++;
    token->kind = PTX_TOKEN_BAD;
    if (lexer->at < lexer->end && *lexer->at == '"') {
        lexer->at++;
        token->kind = PTX_TOKEN_STRING;
    }
}

struct ptx_token ptx_lex(struct ptx_lexer *lexer)
{
    bool closed = skip_blanks(lexer);
    struct ptx_token token = {.text = {lexer->at, 0}, .line = lexer->line, .kind = closed ? PTX_TOKEN_END : PTX_TOKEN_BAD};
    if (!closed) {
        lexer->at = lexer->end;
        return token;
    }
    if (lexer->at == lexer->end) return token;
    char c = *lexer->at;
    if (is_letter(c) || c == '%' || c == '.') {
        lex_word(lexer);
        token.kind = PTX_TOKEN_WORD;
    } else if (is_digit(c)) {
        lex_number(lexer, &token);
    } else if (c == '"') {
        lex_string(lexer, &token);
    } else {
        lexer->at++;
        token.kind = c != 0 && strchr("{}[](),;:+-=<>|!~@*/&^?", c) ? PTX_TOKEN_MARK : PTX_TOKEN_BAD;
    }
    token.text.length = (size_t)(lexer->at - token.text.at);
    return token;
}
