#include "policy_file.h"
#include "state.h"

#define READ_ONLY 1
#define PRIVATE 2
#define WRITABLE_BY_OTHERS 022
#define LARGEST (1u << 30)

/* Somebody else's file could send every command anywhere. Root's is for everybody, but not for whom root's session
 * has become by setuid: that user will not find the library. */
static int is_trusted(const struct sys_stat *info)
{
	uint32_t user = sys_user();
	return (info->mode & MODE_TYPE) == MODE_FILE && !(info->mode & WRITABLE_BY_OTHERS)
		&& (info->uid == user || (info->uid == 0 && user == state.user));
}

static int needs_more(const struct policy_file *file)
{
	return file->policy.have < file->policy.header.size;
}

/* Reading a little costs a tenth of mapping; a large file is read as far as most questions go. */
static long read_start(struct policy_file *file, size_t size)
{
	size_t wanted = size < POLICY_ROOM ? size : POLICY_ROOM;
	long length = sys_read(file->descriptor, file->room, wanted);
	if (length < 0)
		return length;
	if ((size_t)length != wanted || policy_open_start(&file->policy, file->room, wanted, size) != POLICY_FINE)
		return -ERR_INVALID;
	return 0;
}

static void close_descriptor(struct policy_file *file)
{
	if (file->descriptor >= 0)
		sys_close(file->descriptor);
	file->descriptor = -1;
}

long open_policy_file(struct policy_file *file)
{
	char room[ENTRY_ROOM];
	struct sys_stat info;
	long fd = sys_open(runtime_file("/policy", room), OPEN_NOFOLLOW | OPEN_NONBLOCK);
	if (fd < 0)
		return fd;
	file->descriptor = (int)fd;
	file->mapped = 0;
	long error = sys_stat_at(file->descriptor, "", AT_EMPTY, &info);
	if (error == 0)
		error = is_trusted(&info) && info.size > 0 && info.size < LARGEST ? 0 : -ERR_INVALID;
	if (error == 0)
		error = read_start(file, (size_t)info.size);
	if (error < 0 || !needs_more(file))
		close_descriptor(file);
	return error;
}

/* The file is replaced by rename and never cut, so its mapping cannot fault. */
long complete_policy_file(struct policy_file *file)
{
	size_t size = file->policy.header.size;
	if (!needs_more(file))
		return 0;
	long at = sys_map(size, READ_ONLY, PRIVATE, file->descriptor);
	if (sys_failed(at))
		return at;
	file->mapped = 1;
	return policy_open(&file->policy, (const void *)at, size) == POLICY_FINE ? 0 : -ERR_INVALID;
}

/* Nothing is kept, neither open nor mapped: the caller may be a vforked child, and programs close descriptors
 * that they do not know. */
void close_policy_file(struct policy_file *file)
{
	close_descriptor(file);
	if (file->mapped)
		sys_unmap(file->policy.bytes, file->policy.header.size);
}
