#define _GNU_SOURCE
#include "descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/report.h"

static int fail(const char *what, int target, int error)
{
	char number[12];

	snprintf(number, sizeof number, "%d", target);
	return report_failure(what, number, error, NULL);
}

/* A file in memory rather than a pipe: nobody has to feed it, so there is no one to block, or to get EPIPE. */
static int hold_bytes(int target, const char *bytes, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return fail("make the input of descriptor", target, errno);
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail("fill the input of descriptor", target, errno);
		bytes += n;
		size -= (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail("rewind the input of descriptor", target, errno);
	return fd;
}

static int find_same(const struct child *child, int target)
{
	for (unsigned i = 0; i < child->descriptors; i++)
		if (child->descriptor[i].target == target)
			return child->descriptor[i].fd;
	return -1;
}

int make_descriptor(struct child *child, const struct operation *op)
{
	struct descriptor *one = child->descriptor;
	uint32_t length = 0;
	const char *text = operation_string(op, 0, &length);

	while (one->target != (int)op->number[0])
		one++;
	if (one->kind == SOURCE_FILE) {
		one->fd = open(text, (int)op->number[2] | O_CLOEXEC | O_NOCTTY, (mode_t)op->number[3]);
		if (one->fd < 0)
			return report_failure("open", text, errno, NULL);
	} else if (one->kind == SOURCE_BYTES) {
		one->fd = hold_bytes(one->target, text, length);
	} else if (one->kind == SOURCE_SAME) {
		one->fd = find_same(child, (int)op->number[2]);
		if (one->fd < 0)
			return fail("make descriptor", one->target, EBADF);
	}
	return one->fd < 0 ? -1 : 0;
}

/* Kernels before 5.9 have no close_range. */
static void close_by_list(unsigned from, unsigned to)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		unsigned fd = (unsigned)atoi(entry->d_name);
		if (fd >= from && fd <= to && (int)fd != dirfd(folder))
			close((int)fd);
	}
	if (folder)
		closedir(folder);
}

static void close_between(unsigned from, unsigned to)
{
	if (from <= to && syscall(436 /* close_range */, from, to, 0) < 0)
		close_by_list(from, to);
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void close_all_others(int *keep, unsigned count)
{
	unsigned from = 0;

	qsort(keep, count, sizeof *keep, order);
	for (unsigned i = 0; i < count; i++) {
		if (keep[i] < 0)
			continue;
		if ((unsigned)keep[i] > from)
			close_between(from, (unsigned)keep[i] - 1);
		from = (unsigned)keep[i] + 1;
	}
	close_between(from, INT_MAX);
}

/* Out of the way of all the numbers that the child wants. */
static int move_above(int *fd, int least)
{
	if (*fd < 0)
		return 0;
	*fd = fcntl(*fd, F_DUPFD_CLOEXEC, least);
	return *fd < 0 ? report_failure("move a descriptor", NULL, errno, "The limit on open files is too low for these numbers.") : 0;
}

int place_descriptors(struct child *child)
{
	int keep[DESCRIPTORS_MAX + 2], highest = 2;
	unsigned n = 0;

	for (unsigned i = 0; i < child->descriptors; i++)
		if (child->descriptor[i].target > highest)
			highest = child->descriptor[i].target;
	/* report_fd moves last: until then a failure is still told. */
	for (unsigned i = 0; i < child->descriptors; i++) {
		if (fcntl(child->descriptor[i].fd, F_GETFD) < 0)
			return fail("pass descriptor", child->descriptor[i].target, errno);
		if (move_above(&child->descriptor[i].fd, highest + 1) < 0)
			return -1;
	}
	if (move_above(&child->go, highest + 1) < 0 || move_above(&report_fd, highest + 1) < 0)
		return -1;
	for (unsigned i = 0; i < child->descriptors; i++) {
		const struct descriptor *one = &child->descriptor[i];
		if (dup2(one->fd, one->target) < 0)
			return fail("move a descriptor to", one->target, errno);
		keep[n++] = one->target;
	}
	keep[n++] = report_fd;
	keep[n++] = child->go;
	close_all_others(keep, n);
	return 0;
}
