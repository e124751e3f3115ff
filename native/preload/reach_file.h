/* Whether a program, or the interpreter of a script, will load us. */
#ifndef QPOD_REACH_FILE_H
#define QPOD_REACH_FILE_H

/* path: what the kernel would be given. What cannot be read is taken for a program that does. */
int is_out_of_reach(const char *path);

#endif
