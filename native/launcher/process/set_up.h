/* The steps between fork and exec, one for each operation. */
#ifndef QPOD_SET_UP_H
#define QPOD_SET_UP_H

#include "child.h"

/* 0, or -1 after reporting which step failed, on what, and why. */
int set_up(struct child *child, const struct operation *op);

/* Writes text over a file that is there. 0 or -errno. */
int write_whole(const char *path, const void *bytes, size_t size);

#endif
