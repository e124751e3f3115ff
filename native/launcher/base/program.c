#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

int is_executable_file(const char *path)
{
	struct stat info;

	if (stat(path, &info) < 0)
		return 0;
	if (S_ISDIR(info.st_mode)) {
		errno = EACCES;
		return 0;
	}
	return access(path, X_OK) == 0;
}

int search_program(const char *search, const char *name, char out[PATH_SIZE])
{
	int denied = 0;

	for (;;) {
		size_t n = strcspn(search, ":");
		if (snprintf(out, PATH_SIZE, "%.*s%s%s", (int)n, search, n ? "/" : "", name) < PATH_SIZE) {
			if (is_executable_file(out))
				return 0;
			if (errno == EACCES)
				denied = 1;
		}
		if (!search[n])
			break;
		search += n + 1;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}

int search_past_shims(const struct runtime *runtime, const char *search, const char *name, char out[PATH_SIZE])
{
	char shims[PATH_SIZE], folder[PATH_SIZE];
	size_t n;

	if (join_path(shims, runtime->base, "/shims", NULL) < 0)
		return -1;
	for (; search && *search; search += n + (search[n] == ':')) {
		n = strcspn(search, ":");
		if (n >= sizeof folder)
			continue;
		memcpy(folder, search, n);
		folder[n] = 0;
		if (strcmp(folder, shims) != 0 && search_program(folder, name, out) == 0)
			return 0;
	}
	errno = ENOENT;
	return -1;
}

static int exec_by_shell(const char *path, char **argv, char **envp)
{
	size_t n = 0;
	char **words;

	while (argv[n])
		n++;
	words = malloc((n + 3) * sizeof *words);
	if (!words)
		return -1;
	words[0] = "sh";
	words[1] = (char *)path;
	for (size_t i = 1; i <= n; i++)
		words[i + 1] = argv[i];
	if (n == 0)
		words[2] = NULL;
	return execve("/bin/sh", words, envp);
}

/* A program of another machine is no script: like shells, we look for a NUL. errno stays ENOEXEC. */
static int is_text(const char *path)
{
	char start[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, start, sizeof start);

	if (fd >= 0)
		close(fd);
	errno = ENOEXEC;
	return n <= 0 || !memchr(start, 0, (size_t)n);
}

int exec_program(const char *where, const char *path, char **argv, char **envp)
{
	int error;

	execve(path, argv, envp);
	if (errno == ENOEXEC && is_text(path))
		exec_by_shell(path, argv, envp);
	error = errno;
	if (error == ENOENT && access(path, F_OK) == 0) {
		report_text("The first line of a script, or the dynamic linker of a program, names a file that is not there.",
			"%s%s: its interpreter is missing", path, where);
		return EXIT_NOT_FOUND;
	}
	if (error == ENOENT || error == ENOTDIR) {
		report_text(NULL, "%s: not found%s", path, where);
		return EXIT_NOT_FOUND;
	}
	report_text(NULL, "cannot run %s%s: %s", path, where, strerror(error));
	return EXIT_NOT_EXECUTABLE;
}
