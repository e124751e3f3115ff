#define _GNU_SOURCE
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../base/report.h"

#define REMOVED " (deleted)"

int find_directory(char out[PATH_SIZE])
{
	ssize_t n;

	/* Outside of our root the kernel's answer starts with "(unreachable)". */
	if (getcwd(out, PATH_SIZE))
		return *out == '/' ? 0 : -ENOENT;
	if (errno != ENOENT)
		return -errno;
	n = readlink("/proc/self/cwd", out, PATH_SIZE - 1);
	if (n < 0)
		return -errno;
	n -= (ssize_t)strlen(REMOVED);
	if (n <= 0 || *out != '/' || memcmp(out + n, REMOVED, strlen(REMOVED)) != 0)
		return -ENOENT;
	out[n] = 0;
	return 1;
}

int hold_directory(void)
{
	int held = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return held >= 0 ? held : report_failure("keep the working directory", NULL, errno, "Change to a folder that exists.");
}

int return_to_directory(int held)
{
	int error = fchdir(held) < 0 ? errno : 0;

	close(held);
	return error ? report_failure("return to the working directory", NULL, error, "Change to a folder that exists.") : 0;
}
