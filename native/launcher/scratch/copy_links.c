#define _GNU_SOURCE
#include "copy_links.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKETS 4096

struct copied {
	struct copied *next;
	dev_t device;
	ino_t inode;
	char path[];
};

static struct copied *bucket[BUCKETS];

const char *find_copied(const struct stat *info)
{
	for (struct copied *one = bucket[info->st_ino % BUCKETS]; one; one = one->next)
		if (one->inode == info->st_ino && one->device == info->st_dev)
			return one->path;
	return NULL;
}

void note_copied(const struct stat *info, const char *copy)
{
	size_t size = strlen(copy) + 1;
	struct copied *one = malloc(sizeof *one + size);

	if (!one)
		return;
	one->device = info->st_dev;
	one->inode = info->st_ino;
	memcpy(one->path, copy, size);
	one->next = bucket[info->st_ino % BUCKETS];
	bucket[info->st_ino % BUCKETS] = one;
}

static int is_hex(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!isxdigit((unsigned char)text[i]))
			return 0;
	return strlen(text) == size || text[size] == '/';
}

/* The last words of a path: `objects/ab/cdef…` or `objects/pack/pack-….pack`. */
static int is_named_as_object(const char *path)
{
	const char *name = strrchr(path, '/'), *folder = name;

	if (!name || name - path < 11)
		return 0;
	for (folder--; folder > path && *folder != '/'; folder--)
		;
	if (folder - path < 7 || strncmp(folder - 7, "objects", 7) != 0 || (folder - path > 7 && folder[-8] != '/'))
		return 0;
	folder++;
	name++;
	if (strncmp(folder, "pack/", 5) == 0)
		return strncmp(name, "pack-", 5) == 0;
	return name - folder == 3 && is_hex(folder, 2) && (is_hex(name, 38) || is_hex(name, 62));
}

int is_git_object(int folder, const char *path, const struct stat *info)
{
	/* Root could write to them all the same. */
	if (!S_ISREG(info->st_mode) || (info->st_mode & 0222) || info->st_uid != geteuid() || geteuid() == 0 || !is_named_as_object(path))
		return 0;
	return faccessat(folder, "../../HEAD", F_OK, 0) == 0 && faccessat(folder, "../../refs", F_OK, 0) == 0;
}
