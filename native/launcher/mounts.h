/* The operations that make a pod's root. Each returns 0, or -1 after reporting. */
#ifndef QPOD_MOUNTS_H
#define QPOD_MOUNTS_H

#include "../format/operation.h"

/* The host's tree stays visible here between OP_PIVOT and the end of the list, so that targets are
 * resolved inside the new root (an image's absolute symlinks must not lead out) and sources outside. */
#define HOST_VIEW "/.qpod-host"

int set_propagation(const struct operation *op);
int mount_filesystem(const struct operation *op);
int bind_mount(const struct operation *op, int pivoted);
int make_folder(const struct operation *op);
int make_symlink(const struct operation *op);
int ensure_line(const struct operation *op);
int add_line(const char *file, const char *key, const char *line); /* unless one starts with the key */
int pivot(const struct operation *op);
int drop_host_view(void);

#endif
