#include "locate.h"
#include "../format/bytes.h"

const char *name_of(const char *path)
{
	const char *name = path;
	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

/* Nobody keeps a repository there: looking once instead of four times makes the common case cheap. */
int is_system_path(const char *path)
{
	size_t length = (size_t)(name_of(path) - path);
	static const char folders[][16] = { "/usr/bin/", "/bin/", "/usr/local/bin/", "/usr/sbin/", "/sbin/", "/usr/local/sbin/" };
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		if (bytes_length(folders[i]) == length && bytes_equal(folders[i], path, length))
			return 1;
	return 0;
}

long locate_descriptor(int fd, char *text)
{
	char link[32] = "/proc/self/fd/";
	char digits[12];
	unsigned count = 0, at = 14;
	do
		digits[count++] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (count > 0)
		link[at++] = digits[--count];
	link[at] = 0;
	long length = sys_read_link(link, text, PATH_ROOM);
	if (length < 0)
		return length;
	if (length == PATH_ROOM)
		return -ERR_NAME_TOO_LONG;
	text[length] = 0;
	return text[0] == '/' ? 0 : -ERR_INVALID;
}

/* Absolute, with no empty, `.` or `..` among its names. */
static int is_plain(const char *path)
{
	if (*path != '/')
		return 0;
	for (; *path; path++) {
		if (*path != '/')
			continue;
		const char *name = path + 1;
		if (*name == '.')
			name += name[1] == '.' ? 2 : 1;
		if (*name == '/' || !*name)
			return 0;
	}
	return 1;
}

/* Does the path lead there without a single link? Then it is physical as it stands, and the kernel has said so
 * for a tenth of what a name in /proc costs. */
static int is_without_links(const char *path)
{
	long fd = is_plain(path) ? sys_open_without_links(path, OPEN_PATH) : -1;
	if (fd < 0)
		return 0;
	sys_close((int)fd);
	return 1;
}

static long resolve(const char *path, char *text)
{
	long fd = sys_open(path, OPEN_PATH);
	if (fd < 0)
		return fd;
	long error = locate_descriptor((int)fd, text);
	sys_close((int)fd);
	return error;
}

/* The physical folder of a link, and the link's own name. */
static long resolve_folder(const char *path, size_t length, char *text)
{
	char folder[PATH_ROOM];
	if (length >= PATH_ROOM)
		return -ERR_NAME_TOO_LONG;
	bytes_copy(folder, path, length);
	folder[length] = 0;
	long error = resolve(length > 0 ? folder : ".", text);
	if (error < 0)
		return error;
	size_t end = bytes_length(text), name = bytes_length(path + length);
	if (end + name + 2 > PATH_ROOM)
		return -ERR_NAME_TOO_LONG;
	if (end > 1)
		text[end++] = '/';
	bytes_copy(text + end, path + length, name + 1);
	return 0;
}

long locate_program(const char *path, struct location *location)
{
	char ignored;
	size_t folder = (size_t)(name_of(path) - path);
	int system = is_system_path(path);
	long link = sys_read_link(path, &ignored, 1);
	if (link < 0 && link != -ERR_INVALID)
		return link;
	location->program = location->target = path;
	if (link < 0 && (system || is_without_links(path)))
		return 0;
	long error = resolve(path, location->room[0]);
	location->target = location->room[0];
	if (error == 0 && link < 0)
		location->program = location->target;
	if (error == 0 && link >= 0 && !system) {
		error = resolve_folder(path, folder, location->room[1]);
		location->program = location->room[1];
	}
	return error;
}

long check_executable(const char *path)
{
	struct sys_stat info;
	long error = sys_may_execute(path);
	if (error == 0)
		error = sys_stat_at(AT_HERE, path, 0, &info);
	if (error == 0 && (info.mode & MODE_TYPE) != MODE_FILE)
		error = -ERR_ACCESS;
	return error;
}
