#include "descriptor.h"
#include "locate.h"
#include "../format/bytes.h"

/* The name in /proc may be a former one that somebody else has now. */
static int is_same_file(int fd, const char *path)
{
	struct sys_stat here, there;
	return sys_stat_at(fd, "", AT_EMPTY, &here) == 0 && sys_stat_at(AT_HERE, path, 0, &there) == 0
		&& sys_same_file(&here, &there);
}

static const char *join_folder(int fd, const char *path, char *room)
{
	if (locate_descriptor(fd, room) < 0)
		return NULL;
	size_t end = bytes_length(room), length = bytes_length(path) + 1;
	if (end + 1 + length > PATH_ROOM)
		return NULL;
	room[end] = '/';
	bytes_copy(room + end + 1, path, length);
	return room;
}

const char *find_descriptor_path(int fd, const char *path, int flags, char *room)
{
	char ignored;
	if (path && !*path && !(flags & AT_EMPTY))
		return NULL;
	if (path && *path) {
		if (*path != '/' && fd != AT_HERE)
			path = join_folder(fd, path, room);
		/* The kernel refuses a link here, and the caller wants to hear it. */
		if (path && (flags & AT_NO_FOLLOW) && sys_read_link(path, &ignored, 1) >= 0)
			return NULL;
		return path;
	}
	if (fd < 0 || locate_descriptor(fd, room) < 0 || !is_same_file(fd, room))
		return NULL;
	return room;
}
