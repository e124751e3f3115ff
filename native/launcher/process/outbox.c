#define _GNU_SOURCE
#include "outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_SIZE 24u

static struct {
	unsigned char *at;
	size_t used, room;
} box;

void outbox_put(const void *bytes, size_t size)
{
	if (box.room - box.used < size) {
		size_t room = 2 * box.room + size + 65536;
		unsigned char *more = realloc(box.at, room);
		/* Half a record would be worse than ending: our caller then knows that we are gone. */
		if (!more)
			_exit(1);
		box.at = more;
		box.room = room;
	}
	memcpy(box.at + box.used, bytes, size);
	box.used += size;
}

void outbox_record(enum status_kind kind, uint32_t child, int64_t number, const void *bytes, uint32_t size)
{
	unsigned char header[HEADER_SIZE];

	status_put_header(header, kind, child, number, size);
	outbox_put(header, sizeof header);
	if (size > 0)
		outbox_put(bytes, size);
}

void outbox_failure(uint32_t child, const char *what, int error)
{
	char text[256];
	int n = snprintf(text, sizeof text - 3, "%s", what);

	memset(text + n, 0, 3);
	outbox_record(STATUS_FAILED, child, error, text, (uint32_t)n + 3);
}

void outbox_pipes(const struct child *child)
{
	char text[DESCRIPTORS_MAX * 24];
	size_t used = 0;

	for (unsigned i = 0; i < child->descriptors; i++) {
		const struct descriptor *one = &child->descriptor[i];
		if (one->far < 0 || one->kind == SOURCE_CAPTURED)
			continue;
		used += (size_t)sprintf(text + used, "%d", one->target) + 1;
		used += (size_t)sprintf(text + used, "%d", one->far) + 1;
	}
	if (used > 0)
		outbox_record(STATUS_PIPES, child->number, getpid(), text, (uint32_t)used);
}

int outbox_send(int fd)
{
	size_t done = 0;

	while (done < box.used) {
		ssize_t n = send(fd, box.at + done, box.used - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	box.used = 0;
	return 0;
}
