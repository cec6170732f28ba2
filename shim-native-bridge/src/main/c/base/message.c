#include "message.h"

#include <stdarg.h>
#include <stdio.h>

int sluice_message_set(struct sluice_message *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof message->text, format, arguments);
    va_end(arguments);
    return -1;
}
