#include "search.h"
#include "environ.h"
#include "locate.h"
#include "state.h"
#include "../format/bytes.h"

/* The errors after which libc looks at the next folder. */
static int goes_on_after(long error)
{
	return error == -ERR_ACCESS || error == -ERR_NO_ENTRY || error == -ERR_STALE || error == -ERR_NOT_FOLDER
		|| error == -ERR_NO_DEVICE || error == -ERR_TIMED_OUT;
}

/* PATH is the caller's, not the one in the environment that it hands on. */
static const char *search_path(void)
{
	const char *path = &environ ? find_variable(environ, "PATH") : NULL;
	if (path)
		return path;
	return find_next(&state.objects, "gnu_get_libc_version") ? "/bin:/usr/bin" : "/usr/local/bin:/bin:/usr/bin";
}

const char *search_program(const char *file, char *room)
{
	if (*file == 0 || *name_of(file) == 0)
		return NULL;
	if (name_of(file) != file)
		return file;
	size_t name = bytes_length(file) + 1;
	const char *path = search_path();
	for (;; path++) {
		size_t length = 0;
		while (path[length] && path[length] != ':')
			length++;
		if (length + 1 + name <= PATH_ROOM) {
			bytes_copy(room, path, length);
			/* An empty element is the current directory. */
			if (length > 0)
				room[length] = '/';
			bytes_copy(room + length + (length > 0), file, name);
			long error = check_executable(room);
			if (error == 0)
				return room;
			if (!goes_on_after(error))
				return NULL;
		}
		path += length;
		if (*path == 0)
			return NULL;
	}
}
