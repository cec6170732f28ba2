// absent.h: names that the real driver lacks must be absent here too, since applications test for features by dlsym.
#ifndef SLUICE_ABSENT_H
#define SLUICE_ABSENT_H

// Hides those of our exported names that are `lacking`, which is sorted: their symbols in our own dynamic symbol table lose their
// value, which the loader takes as "not defined here". To be called before the application asks by name. Any thread.
void sluice_hide_absent(const char *const *lacking, int count);

#endif
