# CROSS: a compiler for aarch64, by which tests under qemu-user are built beside the native ones; empty where Debian's
# gcc-aarch64-linux-gnu or libc6-dev-arm64-cross is missing, under a sanitizer, and on aarch64 itself.
CROSS := $(and $(if $(SANITIZE)$(filter aarch64-%,$(shell $(CC) -dumpmachine)),,yes),$(wildcard /usr/aarch64-linux-gnu/include/stdio.h),$(shell command -v aarch64-linux-gnu-gcc))
