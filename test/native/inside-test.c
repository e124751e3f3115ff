#define _GNU_SOURCE
#include "check.h"
#include "../../native/launcher/pod/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A hostile tree in DIR/tree, and what it would like to reach in DIR/host. */
static char top[64] = "/tmp/qpod-inside-XXXXXX";
static int root;

static const char *at(const char *path)
{
	static char text[4][256];
	static unsigned next;
	char *out = text[next++ % 4];
	snprintf(out, sizeof text[0], "%s/%s", top, path);
	return out;
}

/* The path below DIR that was opened, or "" and errno. */
static const char *opened(const char *path, unsigned how)
{
	static char link[64], found[256];
	int fd = open_inside(root, path, how);
	ssize_t n;

	errno = fd < 0 ? -fd : 0;
	if (fd < 0)
		return "";
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, found, sizeof found - 1);
	found[n > 0 ? n : 0] = 0;
	close(fd);
	return strncmp(found, top, strlen(top)) == 0 ? found + strlen(top) : found;
}

static int is_there(const char *path)
{
	struct stat info;
	return lstat(at(path), &info) == 0;
}

static void make_tree(void)
{
	char out[300];
	int made = !!mkdtemp(top) + !mkdir(at("tree"), 0755) + !mkdir(at("host"), 0755) + !mkdir(at("tree/usr"), 0755)
		+ !mkdir(at("tree/usr/lib"), 0755) + !mkdir(at("tree/.qpod-host"), 0755) + !symlink("usr/lib", at("tree/lib"));

	snprintf(out, sizeof out, "%s/host", top);
	made += !symlink(out, at("tree/absolute")) + !symlink("../host", at("tree/up")) + !symlink("../../../../../..", at("tree/usr/top"));
	snprintf(out, sizeof out, "/proc/%d/root%s/host", (int)getpid(), top);
	made += !symlink(out, at("tree/magic")) + !symlink("/.qpod-host/etc", at("tree/view")) + !symlink("loop", at("tree/loop"));
	made += !symlink(".qpod-host", at("tree/near")) + !symlink("nothing", at("tree/usr/dangling"));
	CHECK("the tree is made", made == 15);
	root = open(at("tree"), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int main(void)
{
	char deep[8192];

	make_tree();
	CHECK("a plain path", strcmp(opened("/usr/lib", 0), "/tree/usr/lib") == 0);
	CHECK("a link of a merged /usr", strcmp(opened("/lib/", 0), "/tree/usr/lib") == 0);
	CHECK("the top is its own parent", strcmp(opened("/../../usr/../..", 0), "/tree") == 0);
	CHECK("so it is for links", strcmp(opened("/usr/top/usr", 0), "/tree/usr") == 0);
	CHECK("nothing is made unasked", *opened("/absolute", 0) == 0 && errno == ENOENT);
	CHECK("an absolute link begins at the tree", strncmp(opened("/absolute/file", INSIDE_MAKE_FOLDERS | INSIDE_MAKE_FILE), "/tree/tmp", 9) == 0);
	CHECK("one with .. stays in it", strcmp(opened("/up/file", INSIDE_MAKE_FOLDERS | INSIDE_MAKE_FILE), "/tree/host/file") == 0);
	CHECK("one through /proc is a name like others", strncmp(opened("/magic/folder", INSIDE_MAKE_FOLDERS), "/tree/proc/", 11) == 0);
	CHECK("the host's view is never entered", *opened("/.qpod-host", 0) == 0 && errno == EXDEV);
	CHECK("nor by links", *opened("/view/passwd", INSIDE_MAKE_FOLDERS) == 0 && errno == EXDEV);
	CHECK("near or far", *opened("/usr/top/near", INSIDE_MAKE_FOLDERS) == 0 && errno == EXDEV);
	CHECK("a loop ends", *opened("/loop/x", INSIDE_MAKE_FOLDERS) == 0 && errno == ELOOP);
	CHECK("a dangling link's target is made", strcmp(opened("/usr/dangling", INSIDE_MAKE_FILE), "/tree/usr/nothing") == 0);
	CHECK("or the link replaced", strcmp(opened("/usr/dangling", INSIDE_MAKE_FILE | INSIDE_REPLACE_LINK), "/tree/usr/dangling") == 0);
	memset(deep, 'x', sizeof deep - 1);
	deep[sizeof deep - 1] = 0;
	CHECK("a path that is too long", *opened(deep, INSIDE_MAKE_FOLDERS) == 0 && errno == ENAMETOOLONG);
	deep[300] = 0;
	CHECK("a name that is too long", *opened(deep, INSIDE_MAKE_FOLDERS) == 0 && errno == ENAMETOOLONG);
	CHECK("the host has nothing new", !is_there("host/file") && !is_there("host/folder"));
	snprintf(deep, sizeof deep, "rm -rf %s", top);
	CHECK("what was made can go", system(deep) == 0);
	return finish("inside-test");
}
