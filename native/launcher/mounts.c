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

#include "files.h"
#include "report.h"

static const char *text(const struct operation *op, unsigned i)
{
	const char *string = operation_string(op, i, NULL);
	return string ? string : "";
}

int set_propagation(const struct operation *op)
{
	if (mount(NULL, text(op, 0), NULL, op->number[0], NULL) < 0)
		return report_failure("set the propagation of", text(op, 0), errno, remedy_for(errno));
	return 0;
}

int mount_filesystem(const struct operation *op)
{
	if (mount(text(op, 0), text(op, 1), text(op, 2), op->number[0], text(op, 3)) == 0)
		return 0;
	if (op->number[1] & OPTION_OPTIONAL)
		return 0;
	char what[PATH_SIZE];
	snprintf(what, sizeof what, "%.64s on %.2048s", text(op, 2), text(op, 1));
	return report_failure("mount", what, errno, remedy_for(errno));
}

/* Makes what a bind needs to land on: a folder or an empty file. A symlink of the image in its place is removed:
 * /etc/resolv.conf often points to a file of a service that does not run here. */
static int make_target(const char *target, int is_folder)
{
	char parent[PATH_SIZE];
	struct stat info;
	int error;

	if (is_folder)
		return make_folders(target, 0755);
	if (lstat(target, &info) == 0) {
		if (!S_ISLNK(info.st_mode))
			return 0;
		if (unlink(target) < 0)
			return -errno;
	}
	parent_of(parent, target);
	error = make_folders(parent, 0755);
	if (error)
		return error;
	int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

struct mount_attributes {
	uint64_t set, clear, propagation, user_namespace;
};

static int make_read_only(const char *target)
{
	struct mount_attributes attributes = { .set = 1 /* MOUNT_ATTR_RDONLY */ };
	struct statvfs info;
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;

	if (syscall(442 /* mount_setattr */, AT_FDCWD, target, 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes) == 0)
		return 0;
	/* Before 5.12: flags that a more privileged namespace locked must be named again. */
	if (statvfs(target, &info) < 0)
		return -errno;
	if (info.f_flag & ST_NOSUID)
		flags |= MS_NOSUID;
	if (info.f_flag & ST_NODEV)
		flags |= MS_NODEV;
	if (info.f_flag & ST_NOEXEC)
		flags |= MS_NOEXEC;
	return mount(NULL, target, NULL, flags, NULL) < 0 ? -errno : 0;
}

int bind_mount(const struct operation *op, int pivoted)
{
	char source[PATH_SIZE];
	struct stat info;
	const char *target = text(op, 1);
	int optional = (op->number[1] & OPTION_OPTIONAL) != 0, error = 0;

	if (join_path(source, pivoted ? HOST_VIEW : "", text(op, 0), NULL) < 0 || stat(source, &info) < 0)
		return optional ? 0 : report_failure("find what is to be mounted:", text(op, 0), errno, NULL);
	if (op->number[1] & OPTION_CREATE)
		error = make_target(target, S_ISDIR(info.st_mode));
	if (!error && mount(source, target, NULL, MS_BIND | (op->number[0] & MS_REC), NULL) < 0)
		error = -errno;
	if (!error && (op->number[0] & MS_RDONLY))
		error = make_read_only(target);
	if (error && !optional)
		return report_failure("mount into the pod:", target, -error, remedy_for(-error));
	return 0;
}

int make_folder(const struct operation *op)
{
	struct stat info;
	int error;

	if (stat(text(op, 0), &info) == 0 && S_ISDIR(info.st_mode))
		return 0;
	error = make_folders(text(op, 0), (mode_t)op->number[0]);
	if (error)
		return report_failure("make the folder", text(op, 0), -error, remedy_for(-error));
	chmod(text(op, 0), (mode_t)op->number[0]);
	if (lchown(text(op, 0), (uid_t)op->number[1], (gid_t)op->number[2]) < 0 && errno != EINVAL && errno != EPERM)
		return report_failure("give away the folder", text(op, 0), errno, NULL);
	return 0;
}

int make_symlink(const struct operation *op)
{
	if (symlink(text(op, 0), text(op, 1)) < 0 && errno != EEXIST)
		return report_failure("make the symlink", text(op, 1), errno, NULL);
	return 0;
}

static int has_line(const char *content, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = content; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, key, n) == 0)
			return 1;
	}
	return 0;
}

int ensure_line(const struct operation *op)
{
	return add_line(text(op, 0), text(op, 1), text(op, 2));
}

int add_line(const char *file, const char *key, const char *line)
{
	char parent[PATH_SIZE], *content;
	struct stat info;
	int fd, error = 0;
	ssize_t n;

	parent_of(parent, file);
	make_folders(parent, 0755);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0)
		return report_failure("open", file, errno, remedy_for(errno));
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || !(content = malloc((size_t)info.st_size + 1))) {
		close(fd);
		return report_failure("read", file, EINVAL, NULL);
	}
	n = read(fd, content, (size_t)info.st_size);
	content[n > 0 ? n : 0] = 0;
	if (!has_line(content, key)) {
		const char *newline = n > 0 && content[n - 1] != '\n' ? "\n" : "";
		if (lseek(fd, 0, SEEK_END) < 0 || dprintf(fd, "%s%s\n", newline, line) < 0)
			error = errno;
	}
	free(content);
	close(fd);
	return error ? report_failure("add a line to", file, error, remedy_for(error)) : 0;
}

int pivot(const struct operation *op)
{
	char view[PATH_SIZE];

	if (join_path(view, text(op, 0), HOST_VIEW, NULL) < 0 || (mkdir(view, 0700) < 0 && errno != EEXIST))
		return report_failure("make a folder in the new root", text(op, 0), errno, remedy_for(errno));
	if (syscall(SYS_pivot_root, text(op, 0), view) < 0)
		return report_failure("change the root to", text(op, 0), errno, remedy_for(errno));
	if (chdir("/") < 0)
		return report_failure("enter the new root", NULL, errno, NULL);
	return 0;
}

int drop_host_view(void)
{
	if (umount2(HOST_VIEW, MNT_DETACH) < 0)
		return report_failure("let go of the host's root", NULL, errno, remedy_for(errno));
	rmdir(HOST_VIEW);
	return 0;
}
