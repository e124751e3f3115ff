#define _GNU_SOURCE
#include "copy_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/report.h"
#include "attributes.h"
#include "copy_data.h"
#include "copy_links.h"

/* Where TypeScript gathers bytes that need not be text. */
#define LIST_FD 3

struct copying {
	const char *how;
	char **except;
	dev_t device;
	/* Where we are, for messages and hard links; what is done is done by name in open folders. */
	char from[PATH_SIZE], to[PATH_SIZE];
};

/* In one folder, or for a whole tree, its parent's path. */
struct place {
	int from, to;
	const char *from_name, *to_name;
};

static int may(const struct copying *copying, char letter)
{
	return strchr(copying->how, letter) != NULL;
}

static int fail(const struct copying *copying, const char *what)
{
	const char *remedy = errno == ENOSPC || errno == EDQUOT ? "The disk is full." : NULL;

	return report_failure(what, strcmp(what, "read") == 0 ? copying->from : copying->to, errno, remedy);
}

static int open_to_read(const struct copying *copying, const struct place *at, const struct stat *info, int flags)
{
	int fd = openat(at->from, at->from_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);

	if (fd >= 0 || errno != EACCES || !may(copying, 'f') || info->st_uid != geteuid())
		return fd;
	if (fchmodat(at->from, at->from_name, info->st_mode | S_IRUSR | (S_ISDIR(info->st_mode) ? S_IXUSR : 0), 0) < 0)
		return -1;
	fd = openat(at->from, at->from_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
	fchmodat(at->from, at->from_name, info->st_mode & 07777, 0);
	return fd;
}

/* Owner first: giving a file away takes its set-uid bits and capabilities. */
static void dress(int fd, int source, const struct stat *info)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };

	if (info->st_uid != geteuid() || info->st_gid != getegid())
		(void)!fchown(fd, info->st_uid, info->st_gid);
	if (source >= 0)
		copy_attributes(source, fd);
	fchmod(fd, info->st_mode & 07777);
	futimens(fd, times);
}

/* In the place of what we may not read: nobody else can read it there either. */
static int stand_in(struct copying *copying, const struct place *at, const struct stat *info)
{
	if (errno != EACCES && errno != EPERM)
		return fail(copying, "read");
	if (!may(copying, 'r'))
		return fail(copying, "read");
	dprintf(LIST_FD, "%s%c", copying->from, 0);
	if (S_ISDIR(info->st_mode))
		return mkdirat(at->to, at->to_name, 0) < 0 && errno != EEXIST ? fail(copying, "make") : 0;
	int fd = openat(at->to, at->to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return fail(copying, "make");
	/* To be listed as it is; the size may be more than a file can have here. */
	if (S_ISREG(info->st_mode))
		(void)!ftruncate(fd, info->st_size);
	futimens(fd, (const struct timespec[]){ info->st_atim, info->st_mtim });
	close(fd);
	return 0;
}

static int copy_file(struct copying *copying, const struct place *at, const struct stat *info)
{
	const char *first = info->st_nlink > 1 ? find_copied(info) : NULL;
	int from, to, result;

	if (first && linkat(AT_FDCWD, first, at->to, at->to_name, 0) == 0)
		return 0;
	if (may(copying, 'g') && is_git_object(at->from, copying->from, info) && linkat(at->from, at->from_name, at->to, at->to_name, 0) == 0)
		return 0;
	from = open_to_read(copying, at, info, 0);
	if (from < 0)
		return stand_in(copying, at, info);
	to = openat(at->to, at->to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	result = to < 0 ? -errno : copy_data(from, to, info->st_size);
	if (result >= 0)
		dress(to, from, info);
	close(from);
	if (to >= 0)
		close(to);
	if (info->st_nlink > 1)
		note_copied(info, copying->to);
	errno = -result;
	return result < 0 ? fail(copying, "write") : 0;
}

static int copy_link(struct copying *copying, const struct place *at, const struct stat *info)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };
	char target[PATH_SIZE];
	ssize_t n = readlinkat(at->from, at->from_name, target, sizeof target - 1);

	if (n < 0)
		return fail(copying, "read");
	target[n] = 0;
	if (symlinkat(target, at->to, at->to_name) < 0)
		return fail(copying, "make");
	(void)!fchownat(at->to, at->to_name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW);
	utimensat(at->to, at->to_name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_node(struct copying *copying, const struct place *at, const struct stat *info)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };

	if (S_ISCHR(info->st_mode) && info->st_rdev == 0)
		return 0;
	if (mknodat(at->to, at->to_name, info->st_mode, info->st_rdev) < 0) {
		/* A device is not for everybody to make. */
		return errno == EPERM && may(copying, 'r') ? stand_in(copying, at, info) : fail(copying, "make");
	}
	(void)!fchownat(at->to, at->to_name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW);
	fchmodat(at->to, at->to_name, info->st_mode & 07777, 0);
	utimensat(at->to, at->to_name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_entry(struct copying *copying, const struct place *at);

static int is_left_out(const struct copying *copying, const struct stat *info)
{
	struct stat other;

	if (may(copying, 'o') && info->st_dev != copying->device)
		return 1;
	for (char **path = copying->except; *path; path++)
		if (lstat(*path, &other) == 0 && other.st_dev == info->st_dev && other.st_ino == info->st_ino)
			return 1;
	return 0;
}

static int fill_folder(struct copying *copying, int from, int to)
{
	size_t from_end = strlen(copying->from), to_end = strlen(copying->to);
	int reading = dup(from), result = 0;
	DIR *folder = reading < 0 ? NULL : fdopendir(reading);
	struct dirent *found;

	if (!folder)
		return fail(copying, "read");
	while (result == 0 && (found = readdir(folder))) {
		struct place at = { from, to, found->d_name, found->d_name };
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		/* Longer paths can be copied as well: they are only told of by their beginning. */
		snprintf(copying->from + from_end, PATH_SIZE - from_end, "/%s", found->d_name);
		snprintf(copying->to + to_end, PATH_SIZE - to_end, "/%s", found->d_name);
		result = copy_entry(copying, &at);
		copying->from[from_end] = copying->to[to_end] = 0;
	}
	closedir(folder);
	return result;
}

static int copy_folder(struct copying *copying, const struct place *at, const struct stat *info)
{
	int from = open_to_read(copying, at, info, O_DIRECTORY), to, result = 0;

	if (from < 0 || faccessat(from, ".", X_OK, AT_EACCESS) < 0) {
		if (from >= 0)
			close(from);
		return stand_in(copying, at, info);
	}
	to = mkdirat(at->to, at->to_name, 0700) < 0 && errno != EEXIST
		? -1 : openat(at->to, at->to_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		result = fail(copying, "make");
	else if (!may(copying, 'd') && !is_left_out(copying, info))
		result = fill_folder(copying, from, to);
	if (to >= 0) {
		dress(to, from, info);
		close(to);
	}
	close(from);
	return result;
}

static int copy_entry(struct copying *copying, const struct place *at)
{
	struct stat info;

	if (fstatat(at->from, at->from_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		/* What goes away meanwhile was never there. */
		return errno == ENOENT ? 0 : fail(copying, "read");
	if (at->from == AT_FDCWD)
		copying->device = info.st_dev;
	if (S_ISDIR(info.st_mode))
		return copy_folder(copying, at, &info);
	if (S_ISREG(info.st_mode))
		return copy_file(copying, at, &info);
	return S_ISLNK(info.st_mode) ? copy_link(copying, at, &info) : copy_node(copying, at, &info);
}

int copy_trees(const char *how, char **except)
{
	static struct copying copying;
	char *from = NULL, *to = NULL;
	size_t from_room = 0, to_room = 0;
	int result = 0;

	copying.how = how;
	copying.except = except;
	umask(0);
	while (result == 0 && getdelim(&from, &from_room, 0, stdin) > 0 && getdelim(&to, &to_room, 0, stdin) > 0) {
		struct place at = { AT_FDCWD, AT_FDCWD, from, to };
		snprintf(copying.from, PATH_SIZE, "%s", from);
		snprintf(copying.to, PATH_SIZE, "%s", to);
		result = copy_entry(&copying, &at);
	}
	return result < 0 ? EXIT_QPOD : 0;
}
