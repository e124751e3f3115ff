/* A file's bytes: shared where the filesystem can do that (btrfs, xfs, an overlay over them), else copied, holes as holes. */
#ifndef QPOD_COPY_DATA_H
#define QPOD_COPY_DATA_H

#include <sys/types.h>

/* Whether the new file shares the old one's blocks. */
enum copied { COPIED_SHARED = 1, COPIED_BYTES = 0 };

/* Both are open, `to` is empty. COPIED_... or -errno. */
int copy_data(int from, int to, off_t size);

#endif
