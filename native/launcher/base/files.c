#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void *take_memory(size_t size)
{
	static _Alignas(16) char room[32768];
	static size_t used;
	size_t at = used, rounded = (size + 15) & ~(size_t)15;

	if (size > sizeof room || rounded > sizeof room - at)
		return malloc(size);
	used = at + rounded;
	return room + at;
}

int join_path(char out[PATH_SIZE], ...)
{
	va_list parts;
	const char *part;
	size_t used = 0;

	va_start(parts, out);
	while ((part = va_arg(parts, const char *))) {
		size_t length = strlen(part);
		if (used + length >= PATH_SIZE) {
			va_end(parts);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(out + used, part, length);
		used += length;
	}
	va_end(parts);
	out[used] = 0;
	return 0;
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void parent_of(char out[PATH_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, PATH_SIZE, ".");
	else if (slash == path)
		snprintf(out, PATH_SIZE, "/");
	else
		snprintf(out, PATH_SIZE, "%.*s", (int)(slash - path), path);
}

int path_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);
	return strncmp(path, folder, n) == 0 && (path[n] == 0 || path[n] == '/');
}

int read_own_file(const char *path, size_t limit, struct bytes *out)
{
	struct stat info;
	int error = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &info) < 0)
		error = -errno;
	else if (!S_ISREG(info.st_mode) || (info.st_mode & 022) || (info.st_uid != 0 && info.st_uid != geteuid()))
		error = -EPERM;
	else if ((size_t)info.st_size > limit)
		error = -EFBIG;
	else if (!(out->at = take_memory((size_t)info.st_size + 1)))
		error = -ENOMEM;
	out->size = 0;
	while (!error && out->size < (size_t)info.st_size) {
		ssize_t n = read(fd, out->at + out->size, (size_t)info.st_size - out->size);
		if (n < 0)
			error = -errno;
		else if (n == 0)
			break;
		else
			out->size += (size_t)n;
	}
	close(fd);
	return error;
}

ssize_t read_line(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	out[n] = 0;
	out[strcspn(out, "\n")] = 0;
	return (ssize_t)strlen(out);
}

int replace_file(const char *path, const void *bytes, size_t size)
{
	char temporary[PATH_SIZE];
	const char *at = bytes;
	int error = 0;
	int fd;

	if (snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid()) >= (int)sizeof temporary)
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (size > 0 && !error) {
		ssize_t n = write(fd, at, size);
		if (n < 0) {
			error = -errno;
		} else {
			at += n;
			size -= (size_t)n;
		}
	}
	if (close(fd) < 0 && !error)
		error = -errno;
	if (!error && rename(temporary, path) < 0)
		error = -errno;
	if (error)
		unlink(temporary);
	return error;
}

int make_folders(const char *path, mode_t mode)
{
	char part[PATH_SIZE];
	size_t n = strlen(path);

	if (n >= sizeof part)
		return -ENAMETOOLONG;
	/* Nearly always its parents are there. */
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, i == n ? mode : 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return -errno;
	}
	return access(path, F_OK) < 0 ? -errno : 0;
}

static int close_span(unsigned first, unsigned last)
{
	return (int)syscall(436 /* close_range */, first, last, 0);
}

void close_all_but(int keep1, int keep2)
{
	int low = keep1 < keep2 ? keep1 : keep2, high = keep1 < keep2 ? keep2 : keep1;
	DIR *folder;
	struct dirent *item;

	if (low < 0)
		low = high;
	if (close_span((unsigned)high + 1, ~0u) == 0) {
		if (high > low + 1)
			close_span((unsigned)low + 1, (unsigned)high - 1);
		if (low > 0)
			close_span(0, (unsigned)low - 1);
		return;
	}
	/* Kernels before 5.9 have no close_range. */
	folder = opendir("/proc/self/fd");
	while (folder && (item = readdir(folder))) {
		int fd = atoi(item->d_name);
		if (item->d_name[0] != '.' && fd != keep1 && fd != keep2 && fd != dirfd(folder))
			close(fd);
	}
	if (folder)
		closedir(folder);
}

int read_exactly(int fd, unsigned char *to, size_t size)
{
	while (size > 0) {
		ssize_t n = read(fd, to, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		to += n;
		size -= (size_t)n;
	}
	return 0;
}

int read_to_end(int fd, size_t limit, struct bytes *out)
{
	size_t room = 65536;

	out->size = 0;
	out->at = malloc(room);
	while (out->at) {
		ssize_t n = read(fd, out->at + out->size, room - out->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		out->size += (size_t)n;
		if (out->size == room) {
			room *= 2;
			if (room > limit)
				return -EFBIG;
			out->at = realloc(out->at, room);
		}
	}
	return -ENOMEM;
}
