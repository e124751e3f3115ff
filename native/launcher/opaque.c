#define _GNU_SOURCE
#include "opaque.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "files.h"
#include "report.h"

static int is_opaque(const char *path)
{
	/* The second one is an ordinary user's. */
	static const char *const marks[] = { "trusted.overlay.opaque", "user.overlay.opaque" };
	char value[2];

	for (int i = 0; i < 2; i++)
		if (lgetxattr(path, marks[i], value, sizeof value) == 1 && *value == 'y')
			return 1;
	return 0;
}

static int walk(char path[PATH_SIZE], size_t root)
{
	size_t length = strlen(path);
	struct dirent *found;
	DIR *folder = opendir(path);
	int result = 0;

	if (!folder)
		return report_failure("read the folder", path, errno, remedy_for(errno));
	if (length > root && is_opaque(path))
		printf("%s%c", path + root + 1, 0);
	while (result == 0 && (found = readdir(folder))) {
		struct stat info;
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		if (length + strlen(found->d_name) + 2 > PATH_SIZE) {
			result = report_failure("read the folder", path, ENAMETOOLONG, NULL);
			break;
		}
		path[length] = '/';
		strcpy(path + length + 1, found->d_name);
		if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
			result = walk(path, root);
		path[length] = 0;
	}
	closedir(folder);
	return result;
}

int list_opaque(const char *upper)
{
	static char path[PATH_SIZE];

	if (strlen(upper) >= PATH_SIZE)
		return report_failure("read the folder", upper, ENAMETOOLONG, NULL), EXIT_QPOD;
	strcpy(path, upper);
	return walk(path, strlen(path)) < 0 ? EXIT_QPOD : 0;
}
