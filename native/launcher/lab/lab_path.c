#define _GNU_SOURCE
#include "lab_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int has_folder(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	for (const char *at = path; (at = strstr(at, folder)); at += length)
		if ((at == path || at[-1] == ':') && (at[length] == ':' || !at[length]))
			return 1;
	return 0;
}

int search_system_folders(void)
{
	static const char *const folders[] = { "/usr/local/sbin", "/usr/sbin", "/sbin" };
	const char *path = getenv("PATH");

	/* Without one, execvp has its own idea, and so have shells. */
	for (size_t i = 0; path && *path && i < sizeof folders / sizeof *folders; i++) {
		char *longer;
		if (has_folder(path, folders[i]))
			continue;
		if (asprintf(&longer, "%s:%s", path, folders[i]) < 0)
			return -1;
		int result = setenv("PATH", longer, 1);
		free(longer);
		if (result < 0)
			return -1;
		path = getenv("PATH");
	}
	return 0;
}
