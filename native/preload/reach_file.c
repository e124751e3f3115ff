#include "reach_file.h"
#include "sys.h"
#include "../format/reach.h"

static enum reach look_at(const char *path, unsigned char *room, const char **interpreter)
{
	long fd = sys_open(path, OPEN_NONBLOCK);
	if (fd < 0)
		return REACH_YES;
	long size = sys_read((int)fd, room, REACH_ROOM);
	sys_close((int)fd);
	return size > 0 ? find_reach(room, (size_t)size, interpreter) : REACH_YES;
}

/* An interpreter may be a script too; the kernel goes deeper, but nobody does. */
int is_out_of_reach(const char *path)
{
	unsigned char room[REACH_ROOM];
	const char *interpreter = path;
	enum reach reach = REACH_SCRIPT;
	for (int depth = 0; depth < 2 && reach == REACH_SCRIPT; depth++)
		reach = look_at(interpreter, room, &interpreter);
	return reach == REACH_NO;
}
