/* From a child to the program. */
#ifndef QPOD_EXECUTE_H
#define QPOD_EXECUTE_H

#include "child.h"

/* Becomes the program; returns -1 after reporting why not. No shell ever stands in for a script. */
int run_program(struct child *child, const char *program);

#endif
