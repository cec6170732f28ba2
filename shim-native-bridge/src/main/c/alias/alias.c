// alias.c: a library whose SONAME is libcuda.so and which needs the libwrapper, for programs that ask for libcuda.so by that
// name. It defines nothing.
typedef int sluice_alias_is_empty;
