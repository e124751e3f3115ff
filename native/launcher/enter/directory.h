/* The working directory, also one that was removed: it has a place to decide by, but no path that leads there. */
#ifndef QPOD_DIRECTORY_H
#define QPOD_DIRECTORY_H

#include "../base/files.h"

/* The physical working directory in out: 0, 1 when it was removed (out says where it was), or -errno, which is -ENOENT
 * when it is outside of our root. */
int find_directory(char out[PATH_SIZE]);

/* A descriptor that leads to the working directory from every mount namespace, or -1 after reporting. */
int hold_directory(void);

/* Goes to the folder of such a descriptor, and closes it: 0, or -1 after reporting. */
int return_to_directory(int held);

#endif
