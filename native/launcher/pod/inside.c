#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/files.h"

#define MAX_LINKS 40 /* as the kernel's */

/* Where a walk has come to, and what is left of the path. */
struct walk {
	int root, at, depth, links;
	char left[PATH_SIZE];
};

/* The next name; 0 when there is none, -1 when it is too long. */
static int take_name(struct walk *walk, char name[NAME_MAX + 1])
{
	char *start = walk->left + strspn(walk->left, "/");
	size_t n = strcspn(start, "/"), end;

	if (n > NAME_MAX)
		return -1;
	memcpy(name, start, n);
	name[n] = 0;
	end = n + strspn(start + n, "/");
	memmove(walk->left, start + end, strlen(start + end) + 1);
	return n > 0;
}

static void move_to(struct walk *walk, int at, int depth)
{
	close(walk->at);
	walk->at = at;
	walk->depth = depth;
}

/* What the link says comes before what is left; an absolute one begins anew at the root of the tree. */
static int follow(struct walk *walk, int link)
{
	char target[PATH_SIZE];
	ssize_t n = readlinkat(link, "", target, sizeof target);
	size_t left = strlen(walk->left);
	int root;

	if (n < 0)
		return -errno;
	if (++walk->links > MAX_LINKS)
		return -ELOOP;
	if ((size_t)n + left + 2 > sizeof walk->left)
		return -ENAMETOOLONG;
	memmove(walk->left + n + 1, walk->left, left + 1);
	memcpy(walk->left, target, (size_t)n);
	walk->left[n] = '/';
	if (target[0] != '/')
		return 0;
	root = fcntl(walk->root, F_DUPFD_CLOEXEC, 0);
	if (root < 0)
		return -errno;
	move_to(walk, root, 0);
	return 0;
}

/* The name in the folder where the walk is, made if that is asked for. */
static int open_name(const struct walk *walk, const char *name, unsigned how)
{
	int fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), made = 0;

	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	if (!*walk->left && (how & INSIDE_MAKE_FILE)) {
		made = openat(walk->at, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (made >= 0)
			close(made);
	} else if (how & INSIDE_MAKE_FOLDERS) {
		made = mkdirat(walk->at, name, 0755);
	} else {
		return -ENOENT;
	}
	if (made < 0 && errno != EEXIST)
		return -errno;
	fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int is_link(int fd)
{
	struct stat info;
	return fstat(fd, &info) == 0 && S_ISLNK(info.st_mode);
}

static int enter(struct walk *walk, const char *name, unsigned how)
{
	int next, error = 0;

	if (strcmp(name, ".") == 0 || (strcmp(name, "..") == 0 && walk->depth == 0))
		return 0;
	if (walk->depth == 0 && strcmp(name, HOST_VIEW + 1) == 0)
		return -EXDEV;
	next = open_name(walk, name, how);
	if (next < 0)
		return next;
	if (is_link(next)) {
		if (!*walk->left && (how & INSIDE_REPLACE_LINK)) {
			error = unlinkat(walk->at, name, 0) < 0 ? -errno : enter(walk, name, how);
		} else {
			error = follow(walk, next);
		}
		close(next);
		return error;
	}
	move_to(walk, next, strcmp(name, "..") == 0 ? walk->depth - 1 : walk->depth + 1);
	return 0;
}

int open_inside(int root, const char *path, unsigned how)
{
	struct walk walk = { .root = root };
	char name[NAME_MAX + 1];
	int error = 0, more;

	if (strlen(path) >= sizeof walk.left)
		return -ENAMETOOLONG;
	strcpy(walk.left, path);
	walk.at = fcntl(root, F_DUPFD_CLOEXEC, 0);
	if (walk.at < 0)
		return -errno;
	while (!error && (more = take_name(&walk, name)) != 0)
		error = more < 0 ? -ENAMETOOLONG : enter(&walk, name, how);
	if (!error)
		return walk.at;
	close(walk.at);
	return error;
}
