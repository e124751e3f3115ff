/* statx, where a tracer does not know it. */
#ifndef QPOD_STATX_H
#define QPOD_STATX_H

/* From here on statx fails as on a kernel that lacks it, and libc goes back to older calls. No privilege is gained by
 * exec any more. 0, or -1 after reporting. */
int hide_statx(void);

#endif
