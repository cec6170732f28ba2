// alias.c: a library with the SONAME libcuda.so or libnvidia-ml.so.1, and one with libnvidia-ml.so, for programs that ask for those by
// that name. It defines nothing: it needs the libwrapper, which does.
typedef int sluice_alias_is_empty;
