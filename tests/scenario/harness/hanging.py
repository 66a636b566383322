"""A machine whose files, user database or name server stop answering: the program's calls wait until the test lets them go on.

A library in front of the C library holds open(), fopen(), getpwnam_r() and getaddrinfo() while a flag file is there, if what they are
asked for contains the flag's text."""

import os
import subprocess

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_held(const char *what) {
  char text[256];
  long fd = syscall(SYS_openat, AT_FDCWD, FLAG, O_RDONLY), size;
  if (fd < 0) return 0;
  size = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  text[size < 0 ? 0 : size] = 0;
  return size > 0 && what && strstr(what, text) != 0;
}
static void hold(const char *what) {
  if (!is_held(what)) return;
  syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, FLAG ".held", O_CREAT | O_WRONLY, 0600));
  while (is_held(what)) usleep(10000);
}
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define OPEN(name)                                \
  int name(const char *path, int how, ...) {      \
    va_list rest;                                 \
    va_start(rest, how);                          \
    mode_t mode = va_arg(rest, mode_t);           \
    va_end(rest);                                 \
    hold(path);                                   \
    return NEXT(name)(path, how, mode);           \
  }
OPEN(open)
OPEN(open64)
FILE *fopen(const char *path, const char *how) { hold(path); return NEXT(fopen)(path, how); }
FILE *fopen64(const char *path, const char *how) { hold(path); return NEXT(fopen64)(path, how); }
int getpwnam_r(const char *name, struct passwd *entry, char *room, size_t size, struct passwd **found) {
  hold(name);
  return NEXT(getpwnam_r)(name, entry, room, size, found);
}
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  hold(name);
  return NEXT(getaddrinfo)(name, service, hints, found);
}
"""


class HangingMachine:
    """`environment` is for the program; `hang("text")` holds every call about it from now on, `recover()` ends that."""

    def __init__(self, directory):
        self._flag = directory / "hangs"
        source, library = directory / "hanging.c", directory / "hanging.so"
        source.write_text(SOURCE)
        subprocess.run(["cc", "-shared", "-fPIC", "-w", f'-DFLAG="{self._flag}"', "-o", library, source, "-ldl"], check=True)
        sanitizer = os.environ.get("ASAN_OPTIONS", "")
        self.environment = {"LD_PRELOAD": str(library), "ASAN_OPTIONS": ":".join(filter(None, [sanitizer, "verify_asan_link_order=0"]))}

    def hang(self, text):
        self._flag.with_suffix(".held").unlink(missing_ok=True)
        part = self._flag.with_suffix(".part")
        part.write_text(str(text))
        part.rename(self._flag)

    def holds(self):
        """Whether a call hangs, or has hung since the last hang()."""
        return self._flag.with_suffix(".held").exists()

    def recover(self):
        self._flag.unlink(missing_ok=True)
