// absent.h: names that the real driver lacks must be absent here too, since applications test for features by dlsym.
#ifndef SLUICE_ABSENT_H
#define SLUICE_ABSENT_H

// Hides those of our exported names for which `lacking[function]` is set: their symbols in our own dynamic symbol table lose
// their value, which the loader takes as "not defined here". To be called once, before the application asks by name.
void sluice_hide_absent(const unsigned char *lacking);

#endif
