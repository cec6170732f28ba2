// say.h: a line for a person, on stderr.
#ifndef SLUICE_SAY_H
#define SLUICE_SAY_H

// One line, "sluice: …", in one write. Truncated at about 1,000 characters.
void sluice_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
