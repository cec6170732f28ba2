#include "symbols.h"

#include <stdlib.h>
#include <string.h>

static size_t hash(struct ptx_slice name, uint32_t scope)
{
    uint64_t mixed = 1469598103934665603u ^ scope;
    for (size_t i = 0; i < name.length; i++) mixed = (mixed ^ (unsigned char)name.at[i]) * 1099511628211u;
    return (size_t)(mixed ^ (mixed >> 29));
}

static struct ptx_symbol **seat(const struct ptx_symbols *symbols, struct ptx_slice name, uint32_t scope)
{
    size_t at = hash(name, scope) & (symbols->capacity - 1);
    for (;; at = (at + 1) & (symbols->capacity - 1)) {
        struct ptx_symbol *symbol = symbols->table[at];
        if (!symbol) break;
        if (symbol->scope == scope && symbol->name.length == name.length && !memcmp(symbol->name.at, name.at, name.length)) break;
    }
    return &symbols->table[at];
}

struct ptx_symbol *ptx_symbols_find(const struct ptx_symbols *symbols, struct ptx_slice name, uint32_t scope)
{
    return symbols->capacity ? *seat(symbols, name, scope) : NULL;
}

static bool make_room(struct ptx_symbols *symbols)
{
    if (symbols->count * 2 < symbols->capacity) return true;
    struct ptx_symbols larger = {.capacity = symbols->capacity ? symbols->capacity * 2 : 256, .count = symbols->count};
    larger.table = calloc(larger.capacity, sizeof *larger.table);
    if (!larger.table) return false;
    for (size_t i = 0; i < symbols->capacity; i++) {
        struct ptx_symbol *symbol = symbols->table[i];
        if (symbol) *seat(&larger, symbol->name, symbol->scope) = symbol;
    }
    free(symbols->table);
    *symbols = larger;
    return true;
}

bool ptx_symbols_add(struct ptx_symbols *symbols, struct ptx_symbol *symbol)
{
    if (!make_room(symbols)) return false;
    *seat(symbols, symbol->name, symbol->scope) = symbol;
    symbols->count++;
    return true;
}

void ptx_symbols_free(struct ptx_symbols *symbols)
{
    free(symbols->table);
    *symbols = (struct ptx_symbols){0};
}
