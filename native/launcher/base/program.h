/* Finding a program, and becoming it. */
#ifndef QPOD_PROGRAM_H
#define QPOD_PROGRAM_H

#include "runtime.h"

/* Whether a path is a file that we may execute; else errno says why not. */
int is_executable_file(const char *path);

/* Finds an executable NAME in the colon-separated folders of search. 0, or -1 with errno ENOENT or EACCES. */
int search_program(const char *search, const char *name, char out[PATH_SIZE]);

/* The same in the host's PATH, as a shell would, leaving out our own shims. */
int search_past_shims(const struct runtime *runtime, const char *search, const char *name, char out[PATH_SIZE]);

/* execve, with /bin/sh for a script that has no interpreter line, as shells do. Returns the exit status, reported. */
int exec_program(const char *where, const char *path, char **argv, char **envp);

#endif
