#define _GNU_SOURCE
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/report.h"
#include "inside.h"

#define LIST_LARGEST (16u << 20) /* of a user database */

/* Where the host's tree is: behind HOST_VIEW once the root has been changed. */
static const char *host = "";

static const char *text(const struct operation *op, unsigned i)
{
	const char *string = operation_string(op, i, NULL);
	return string ? string : "";
}

static int open_below(const char *top, const char *path, unsigned how)
{
	int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (root < 0)
		return -errno;
	fd = open_inside(root, path, how);
	close(root);
	return fd;
}

static int open_target(const char *path, unsigned how)
{
	return open_below("/", path, how);
}

/* The host's links lead through the host's tree, not through the pod's. */
static int open_source(const char *path)
{
	return open_below(*host ? host : "/", path, 0);
}

/* A name for the very file that was opened: mount() takes no descriptors, and would follow links anew. */
static const char *name_descriptor(int fd, char out[64])
{
	snprintf(out, 64, "%s/proc/self/fd/%d", host, fd);
	return out;
}

int set_propagation(const struct operation *op)
{
	if (mount(NULL, text(op, 0), NULL, op->number[0], NULL) < 0)
		return report_failure("set the propagation of", text(op, 0), errno, remedy_for(errno));
	return 0;
}

int mount_filesystem(const struct operation *op)
{
	char what[PATH_SIZE], name[64];
	int target = open_target(text(op, 1), 0), error = target < 0 ? -target : 0;

	if (!error && mount(text(op, 0), name_descriptor(target, name), text(op, 2), op->number[0], text(op, 3)) < 0)
		error = errno;
	if (target >= 0)
		close(target);
	if (!error || (op->number[1] & OPTION_OPTIONAL))
		return 0;
	snprintf(what, sizeof what, "%.64s on %.2048s", text(op, 2), text(op, 1));
	return report_failure("mount", what, error, remedy_for(error));
}

struct mount_attributes {
	uint64_t set, clear, propagation, user_namespace;
};

/* Opened anew: what was opened before lies under the mount. */
static int make_read_only(const char *path)
{
	struct mount_attributes attributes = { .set = 1 /* MOUNT_ATTR_RDONLY */ };
	struct statvfs info = { 0 };
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
	char name[64];
	int target = open_target(path, 0), error = 0;

	if (target < 0)
		return target;
	if (syscall(442 /* mount_setattr */, target, "", AT_EMPTY_PATH | 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes) < 0) {
		/* Before 5.12: flags that a more privileged namespace locked must be named again. */
		name_descriptor(target, name);
		if (statvfs(name, &info) < 0)
			error = -errno;
		if (info.f_flag & ST_NOSUID)
			flags |= MS_NOSUID;
		if (info.f_flag & ST_NODEV)
			flags |= MS_NODEV;
		if (info.f_flag & ST_NOEXEC)
			flags |= MS_NOEXEC;
		if (!error && mount(NULL, name, NULL, flags, NULL) < 0)
			error = -errno;
	}
	close(target);
	return error;
}

static int bind(const struct operation *op, int source)
{
	char from[64], to[64];
	struct stat info;
	/* A symlink of the image in a file's place is removed: /etc/resolv.conf often points to a file of a service that does
	 * not run here. */
	unsigned file = INSIDE_MAKE_FOLDERS | INSIDE_MAKE_FILE | INSIDE_REPLACE_LINK, how = 0;
	int target, error = 0;

	if (fstat(source, &info) < 0)
		return -errno;
	if (op->number[1] & OPTION_CREATE)
		how = S_ISDIR(info.st_mode) ? INSIDE_MAKE_FOLDERS : file;
	target = open_target(text(op, 1), how);
	if (target < 0)
		return target;
	if (mount(name_descriptor(source, from), name_descriptor(target, to), NULL, MS_BIND | (op->number[0] & MS_REC), NULL) < 0)
		error = -errno;
	close(target);
	return !error && (op->number[0] & MS_RDONLY) ? make_read_only(text(op, 1)) : error;
}

int bind_mount(const struct operation *op)
{
	int optional = (op->number[1] & OPTION_OPTIONAL) != 0, source = open_source(text(op, 0)), error;

	if (source < 0)
		return optional ? 0 : report_failure("find what is to be mounted:", text(op, 0), -source, NULL);
	error = bind(op, source);
	close(source);
	if (error && !optional)
		return report_failure("mount into the pod:", text(op, 1), -error, remedy_for(-error));
	return 0;
}

int make_folder(const struct operation *op)
{
	char name[64];
	int target = open_target(text(op, 0), 0), error = 0;

	if (target >= 0) {
		close(target);
		return 0;
	}
	target = open_target(text(op, 0), INSIDE_MAKE_FOLDERS);
	if (target < 0)
		return report_failure("make the folder", text(op, 0), -target, remedy_for(-target));
	chmod(name_descriptor(target, name), (mode_t)op->number[0]);
	if (fchownat(target, "", (uid_t)op->number[1], (gid_t)op->number[2], AT_EMPTY_PATH) < 0 && errno != EINVAL && errno != EPERM)
		error = errno;
	close(target);
	return error ? report_failure("give away the folder", text(op, 0), error, NULL) : 0;
}

int make_symlink(const struct operation *op)
{
	if (symlink(text(op, 0), text(op, 1)) < 0 && errno != EEXIST)
		return report_failure("make the symlink", text(op, 1), errno, NULL);
	return 0;
}

/* In bytes that may hold anything, a NUL too. */
static int has_line(const char *content, size_t size, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = content, *end = content + size; line && line < end;) {
		if ((size_t)(end - line) >= n && memcmp(line, key, n) == 0)
			return 1;
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	return 0;
}

static int append_line(int fd, const char *key, const char *line)
{
	struct stat info;
	char *content;
	ssize_t n;
	int error = 0;

	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISREG(info.st_mode) || info.st_size > LIST_LARGEST)
		return S_ISREG(info.st_mode) ? -EFBIG : -EINVAL;
	content = malloc((size_t)info.st_size + 1);
	if (!content)
		return -ENOMEM;
	n = read(fd, content, (size_t)info.st_size);
	if (n < 0)
		error = -errno;
	else if (!has_line(content, (size_t)n, key)) {
		const char *newline = n > 0 && content[n - 1] != '\n' ? "\n" : "";
		if (lseek(fd, 0, SEEK_END) < 0 || dprintf(fd, "%s%s\n", newline, line) < 0)
			error = -errno;
	}
	free(content);
	return error;
}

int add_line(const char *file, const char *key, const char *line)
{
	char name[64];
	int target = open_target(file, INSIDE_MAKE_FOLDERS | INSIDE_MAKE_FILE), fd, error;

	if (target < 0)
		return report_failure("open", file, -target, remedy_for(-target));
	/* A FIFO would be waited for. */
	fd = open(name_descriptor(target, name), O_RDWR | O_CLOEXEC | O_NONBLOCK);
	error = fd < 0 ? -errno : append_line(fd, key, line);
	close(target);
	if (fd >= 0)
		close(fd);
	return error ? report_failure("add a line to", file, -error, remedy_for(-error)) : 0;
}

int ensure_line(const struct operation *op)
{
	return add_line(text(op, 0), text(op, 1), text(op, 2));
}

int pivot(const struct operation *op)
{
	char view[PATH_SIZE];
	struct stat info;

	if (join_path(view, text(op, 0), HOST_VIEW, NULL) < 0 || (mkdir(view, 0700) < 0 && errno != EEXIST))
		return report_failure("make a folder in the new root", text(op, 0), errno, remedy_for(errno));
	if (lstat(view, &info) < 0 || !S_ISDIR(info.st_mode))
		return report_failure("use the root filesystem: it has", HOST_VIEW, ENOTDIR, "That name is qpod's own: remove it from the tree.");
	if (syscall(SYS_pivot_root, text(op, 0), view) < 0)
		return report_failure("change the root to", text(op, 0), errno, remedy_for(errno));
	if (chdir("/") < 0)
		return report_failure("enter the new root", NULL, errno, NULL);
	host = HOST_VIEW;
	return 0;
}

int drop_host_view(void)
{
	if (umount2(HOST_VIEW, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		return report_failure("let go of the host's root", NULL, errno, remedy_for(errno));
	host = "";
	rmdir(HOST_VIEW);
	return 0;
}
