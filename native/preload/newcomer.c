#include "newcomer.h"
#include "sys.h"
#include "../format/bytes.h"

static long look_at(char *path, size_t at, const char *name, struct sys_stat *info)
{
	bytes_copy(path + at, name, bytes_length(name) + 1);
	return sys_stat_at(AT_HERE, path, 0, info);
}

int holds_newcomer(const char *path)
{
	char room[PATH_ROOM + 16];
	struct sys_stat info;
	size_t at = bytes_length(path);
	if (at >= PATH_ROOM || path[0] != '/')
		return 0;
	bytes_copy(room, path, at);
	for (;;) {
		if (look_at(room, at, "/.git", &info) == 0) {
			/* A file: a work tree or a submodule. A folder: bound if `qpod init` left its mark there. */
			if ((info.mode & MODE_TYPE) == MODE_FILE || look_at(room, at, "/.git/qpod", &info) == 0)
				return 1;
		}
		if (at == 0)
			return 0;
		do
			at--;
		while (at > 0 && room[at] != '/');
	}
}
