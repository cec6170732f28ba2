#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sluice_say(const char *format, ...) {
    char line[1024] = "sluice: ";
    size_t start = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + start, sizeof line - start - 1, format, arguments);
    va_end(arguments);
    size_t end = length < 0 ? start : start + (size_t)length;
    end = end < sizeof line - 1 ? end : sizeof line - 2;
    line[end++] = '\n';
    // A line that cannot be written has nowhere to be reported.
    ssize_t ignored = write(STDERR_FILENO, line, end);
    (void)ignored;
}
