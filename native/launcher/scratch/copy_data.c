#define _GNU_SOURCE
#include "copy_data.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* linux/fs.h, which musl's compiler need not find. */
#define CLONE_FILE _IOW(0x94, 9, int)
#define CHUNK 65536

/* The old way, for filesystems between which the kernel does not copy by itself. */
static int copy_by_hand(int from, int to, off_t at, off_t end)
{
	static char bytes[CHUNK];

	while (at < end) {
		ssize_t n = pread(from, bytes, end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t m = pwrite(to, bytes + done, (size_t)(n - done), at + done);
			if (m < 0 && errno != EINTR)
				return -errno;
			done += m > 0 ? m : 0;
		}
		at += n;
	}
	return 0;
}

static int copy_range(int from, int to, off_t at, off_t end)
{
	off_t out = at;

	while (at < end) {
		ssize_t n = copy_file_range(from, &at, to, &out, (size_t)(end - at), 0);
		if (n > 0 || (n < 0 && errno == EINTR))
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
			return -errno;
		/* Old kernels cannot, or say that nothing is there although it is. */
		return copy_by_hand(from, to, at, end);
	}
	return 0;
}

int copy_data(int from, int to, off_t size)
{
	off_t hole = 0;

	if (ioctl(to, CLONE_FILE, from) == 0)
		return COPIED_SHARED;
	while (hole < size) {
		off_t data = lseek(from, hole, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break;
		/* A filesystem that knows of no holes. */
		if (data < 0)
			data = hole;
		hole = lseek(from, data, SEEK_HOLE);
		if (hole <= data)
			hole = size;
		int error = copy_range(from, to, data, hole);
		if (error)
			return error;
	}
	return ftruncate(to, size) < 0 ? -errno : COPIED_BYTES;
}
