/* Paths of a root filesystem that somebody else made: followed by name as a chroot into it would, so that no link in it
 * leads out, neither by `..` nor through /proc/PID/root nor to where the host's tree is while a pod is made. */
#ifndef QPOD_INSIDE_H
#define QPOD_INSIDE_H

/* The host's tree stays visible here between OP_PIVOT and the end of the list. */
#define HOST_VIEW "/.qpod-host"

enum {
	INSIDE_MAKE_FOLDERS = 1, /* what is missing becomes a folder */
	INSIDE_MAKE_FILE = 2,    /* the last name becomes an empty file if there is nothing */
	INSIDE_REPLACE_LINK = 4, /* a link by the last name is removed first */
};

/* Opens (O_PATH) what path leads to in the tree whose top is the descriptor root. A descriptor, or -errno. */
int open_inside(int root, const char *path, unsigned how);

#endif
