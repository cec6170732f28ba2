#include "parser.h"

#include <stdarg.h>
#include <stdio.h>

bool ptx_fail(struct ptx_parser *parser, enum ptx_status status, uint32_t line, const char *format, ...)
{
    if (parser->status != PTX_OK) return false;
    parser->status = status;
    if (!parser->log || !parser->log->text || parser->log->size == 0) return false;
    char sentence[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    snprintf(parser->log->text, parser->log->size, "ptx line %u: %s", line, sentence);
    for (char *at = parser->log->text; *at; at++) {
        if (*at < ' ' || *at > '~') *at = '?';
    }
    return false;
}

bool ptx_refuse(struct ptx_parser *parser, const struct ptx_statement *statement, const char *what)
{
    int length = statement->opcode.length < 100 ? (int)statement->opcode.length : 100;
    return ptx_fail(parser, PTX_UNSUPPORTED, statement->line, "%.*s: the simulated GPU does not run %s.", length, statement->opcode.at,
        what);
}

bool ptx_no_memory(struct ptx_parser *parser)
{
    return ptx_fail(parser, PTX_OUT_OF_MEMORY, parser->token.line, "the host has no memory left for this module.");
}
