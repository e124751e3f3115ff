/* Copies of trees, as alike as our rights allow: types, owners, permissions, times, holes, attributes, hard links. */
#ifndef QPOD_COPY_TREE_H
#define QPOD_COPY_TREE_H

/* Copies for each pair of paths on stdin (each ends with a zero byte) the first to the second, which is made or, if both
 * are folders, filled. An overlay's marks of what was removed are left out. Letters of `how`:
 *   `d`  of folders only what they are, not what is in them
 *   `g`  files of git's store are linked, not copied
 *   `o`  what is mounted further in becomes an empty folder
 *   `r`  what may not be read stands there empty, and its path and a zero byte are written to descriptor 3; else it is a
 *        failure
 *   `f`  what is ours is opened for us to be read
 * `except`: folders that become empty ones, NULL after the last. Returns the exit status; what was copied stays. */
int copy_trees(const char *how, char **except);

#endif
