#define _GNU_SOURCE
#include "marks.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "../base/files.h"
#include "../base/report.h"
#include "attributes.h"

/* Where TypeScript gathers bytes that need not be text. */
#define LIST_FD 3

static FILE *list;

struct walk {
	char upper[PATH_SIZE], folder[PATH_SIZE];
	size_t upper_root;
};

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

static int was_copied_up(const char *path)
{
	return lgetxattr(path, "trusted.overlay.origin", NULL, 0) >= 0 || lgetxattr(path, "user.overlay.origin", NULL, 0) >= 0;
}

static void tell(const struct walk *walk, const struct stat *info)
{
	char letters[4] = "";

	if (S_ISDIR(info->st_mode) && is_opaque(walk->upper))
		strcat(letters, "o");
	/* A file has it under a new name too. */
	if (S_ISDIR(info->st_mode) && was_copied_up(walk->upper))
		strcat(letters, "u");
	if (!S_ISLNK(info->st_mode) && attributes_differ(walk->upper, walk->folder))
		strcat(letters, "x");
	if (*letters)
		fprintf(list, "%s %s%c", letters, walk->upper + walk->upper_root + 1, 0);
}

static int append(char path[PATH_SIZE], const char *name)
{
	size_t length = strlen(path);

	if (length + strlen(name) + 2 > PATH_SIZE)
		return report_failure("read the folder", path, ENAMETOOLONG, NULL);
	path[length] = '/';
	strcpy(path + length + 1, name);
	return 0;
}

static int walk_folder(struct walk *walk)
{
	size_t upper = strlen(walk->upper), folder = strlen(walk->folder);
	DIR *open = opendir(walk->upper);
	struct dirent *found;
	int result = 0;

	/* Who may not look into it has nothing to compare there; TypeScript says so where it matters. */
	if (!open)
		return errno == EACCES ? 0 : report_failure("read the folder", walk->upper, errno, remedy_for(errno));
	while (result == 0 && (found = readdir(open))) {
		struct stat info;
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		result = append(walk->upper, found->d_name) < 0 || append(walk->folder, found->d_name) < 0 ? -1 : 0;
		if (result == 0 && lstat(walk->upper, &info) == 0) {
			tell(walk, &info);
			if (S_ISDIR(info.st_mode))
				result = walk_folder(walk);
		}
		walk->upper[upper] = 0;
		walk->folder[folder] = 0;
	}
	closedir(open);
	return result;
}

int list_marks(const char *upper, const char *folder)
{
	static struct walk walk;

	if (strlen(upper) >= PATH_SIZE || strlen(folder) >= PATH_SIZE)
		return report_failure("read the folder", upper, ENAMETOOLONG, NULL), EXIT_QPOD;
	strcpy(walk.upper, upper);
	strcpy(walk.folder, strcmp(folder, "/") == 0 ? "" : folder);
	walk.upper_root = strlen(walk.upper);
	list = fdopen(LIST_FD, "w");
	if (!list)
		return report_failure("write the list", NULL, errno, NULL), EXIT_QPOD;
	return walk_folder(&walk) < 0 || fclose(list) != 0 ? EXIT_QPOD : 0;
}
