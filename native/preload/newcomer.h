/* Repositories that the policy does not know yet. */
#ifndef QPOD_NEWCOMER_H
#define QPOD_NEWCOMER_H

/* Does a folder above path (itself included if it is one) look like a bound repository that was moved,
 * or like a new work tree of one? Only the launcher can tell for sure. */
int holds_newcomer(const char *path);

#endif
