#define _GNU_SOURCE
#include "attributes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

/* The kernel's limit for the names of one file, and for one value. */
#define ATTRIBUTE_MAX 65536

static char names[ATTRIBUTE_MAX];

static int is_users(const char *name)
{
	return strncmp(name, "user.overlay.", 13) != 0 && strncmp(name, "trusted.overlay.", 16) != 0 && strcmp(name, "security.selinux") != 0;
}

void copy_attributes(int from, int to)
{
	static char value[ATTRIBUTE_MAX];
	ssize_t size = flistxattr(to, names, sizeof names);

	for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1)
		if (is_users(name) && fgetxattr(from, name, NULL, 0) < 0)
			fremovexattr(to, name);
	size = flistxattr(from, names, sizeof names);
	for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
		ssize_t n = is_users(name) ? fgetxattr(from, name, value, sizeof value) : -1;
		if (n >= 0)
			fsetxattr(to, name, value, (size_t)n, 0);
	}
}

/* Those that one has and other has not with the same value; `count`: how many of the user's one has. */
static int misses(const char *one, const char *other, unsigned *count)
{
	static char ours[ATTRIBUTE_MAX], theirs[ATTRIBUTE_MAX];
	ssize_t size = llistxattr(one, names, sizeof names);

	*count = 0;
	for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
		if (!is_users(name))
			continue;
		ssize_t n = lgetxattr(one, name, ours, sizeof ours), m = lgetxattr(other, name, theirs, sizeof theirs);
		++*count;
		if (n != m || (n > 0 && memcmp(ours, theirs, (size_t)n) != 0))
			return 1;
	}
	return 0;
}

int attributes_differ(const char *one, const char *other)
{
	unsigned ours, theirs;

	return misses(one, other, &ours) || misses(other, one, &theirs) || ours != theirs;
}
