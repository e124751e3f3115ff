#define _GNU_SOURCE
#include "check.h"
#include "../../native/launcher/base/files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIMIT (1u << 18)

/* Writes so many bytes to a file and reads them back. The result of read_to_end; `is_same` says whether all came. */
static int read_back(size_t size, int *is_same)
{
	struct bytes out = { 0 };
	unsigned char *bytes = malloc(size + 1);
	int fd = memfd_create("files-test", 0), result;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
	CHECK("the file can be written", write(fd, bytes, size) == (ssize_t)size);
	lseek(fd, 0, SEEK_SET);
	result = read_to_end(fd, LIMIT, &out);
	*is_same = result == 0 && out.size == size && memcmp(out.at, bytes, size) == 0;
	close(fd);
	free(bytes);
	free(out.at);
	return result;
}

int main(void)
{
	struct bytes out;
	int is_same;

	CHECK("nothing is read as nothing", read_back(0, &is_same) == 0 && is_same);
	CHECK("a few bytes come whole", read_back(10, &is_same) == 0 && is_same);
	CHECK("so do as many as there is room for at first", read_back(65536, &is_same) == 0 && is_same);
	CHECK("and more than that", read_back(200000, &is_same) == 0 && is_same);
	CHECK("too many are refused", read_back(LIMIT + 1, &is_same) == -EFBIG);
	CHECK("so is what cannot be read", read_to_end(-1, LIMIT, &out) == -EBADF);
	free(out.at);
	return finish("files-test");
}
