/* The program behind fexecve and execveat. */
#ifndef QPOD_DESCRIPTOR_H
#define QPOD_DESCRIPTOR_H

/* A path that means the same file, or NULL: a deleted file, a memory file, a descriptor that is none. */
const char *find_descriptor_path(int fd, const char *path, int flags, char *room);

#endif
