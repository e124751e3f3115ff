/* Files and paths, as the rest of the launcher needs them. */
#ifndef QPOD_FILES_H
#define QPOD_FILES_H

#include <stddef.h>
#include <sys/types.h>

#define PATH_SIZE 4096

struct bytes {
	unsigned char *at;
	size_t size;
};

/* Memory that is never given back: this program soon becomes another. What a usual start needs is at hand, since the
 * first malloc costs four system calls. NULL: none left. */
void *take_memory(size_t size);

/* Joins the parts (the last is NULL) into out; -1 with ENAMETOOLONG when they do not fit. */
int join_path(char out[PATH_SIZE], ...);

/* The folder of path, in out; "." when it has none. */
void parent_of(char out[PATH_SIZE], const char *path);
const char *base_name(const char *path);

/* Is path the folder, or below it? */
int path_is_below(const char *path, const char *folder);

/* A whole file of ours: regular, owned by us or root, written by nobody else, at most limit bytes. 0 or -errno;
 * -EPERM when somebody else could have made it. */
int read_own_file(const char *path, size_t limit, struct bytes *out);

/* The first line of a small file without its newline; length or -errno. */
ssize_t read_line(const char *path, char *out, size_t size);

/* Replaces path by these bytes in one step. 0 or -errno. */
int replace_file(const char *path, const void *bytes, size_t size);

/* Makes the folder and its parents. 0 or -errno; an existing one is fine. */
int make_folders(const char *path, mode_t mode);

void close_all_but(int keep1, int keep2);

/* All that comes, in memory of malloc's. 0 or -errno; -EFBIG when it is more than limit. */
int read_to_end(int fd, size_t limit, struct bytes *out);

/* Reads so many bytes, over short reads and signals. 0, or -1 at an error or when they do not come. */
int read_exactly(int fd, unsigned char *to, size_t size);

#endif
