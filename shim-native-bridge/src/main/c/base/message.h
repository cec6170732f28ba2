// message.h: what went wrong, as a sentence that callers may add to. Nobody prints in the middle.
#ifndef SLUICE_MESSAGE_H
#define SLUICE_MESSAGE_H

struct sluice_message {
    char text[512];
};

// Replaces the text. Truncates, always terminates. Returns -1, so that a failing function can end in it.
int sluice_message_set(struct sluice_message *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
