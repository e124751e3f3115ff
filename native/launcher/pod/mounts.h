/* The operations that make a pod's root. Each returns 0, or -1 after reporting. After OP_PIVOT targets are paths of the
 * new root and sources paths of the host (inside.h). */
#ifndef QPOD_MOUNTS_H
#define QPOD_MOUNTS_H

#include "../../format/operation.h"

int set_propagation(const struct operation *op);
int mount_filesystem(const struct operation *op);
int bind_mount(const struct operation *op);
int make_folder(const struct operation *op);
int make_symlink(const struct operation *op);
int ensure_line(const struct operation *op);
int add_line(const char *file, const char *key, const char *line); /* unless one starts with the key */
int pivot(const struct operation *op);
int drop_host_view(void);

#endif
