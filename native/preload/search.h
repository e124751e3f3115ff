/* The PATH search of execvp, execvpe, execlp, posix_spawnp and pidfd_spawnp. */
#ifndef QPOD_SEARCH_H
#define QPOD_SEARCH_H

#include <stddef.h>

/* What libc is going to execute: file itself when it has a slash, else room; NULL when it will find nothing. */
const char *search_program(const char *file, char *room);

#endif
