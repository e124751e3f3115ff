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

/* Reading costs a tenth of mapping, as long as it is little. The file is replaced by rename and never cut, so
 * a mapping cannot fault. Returns the address, or -errno. */
static long fetch_bytes(struct policy_file *file, int fd, size_t size)
{
	file->mapped = size > POLICY_ROOM;
	if (file->mapped)
		return sys_map(size, READ_ONLY, PRIVATE, fd);
	long length = sys_read(fd, file->room, size);
	if (length < 0)
		return length;
	return (size_t)length == size ? (long)file->room : -ERR_INVALID;
}

/* Nothing is kept open, since programs close descriptors that they do not know. */
long open_policy_file(struct policy_file *file)
{
	char room[ENTRY_ROOM];
	struct sys_stat info;
	long fd = sys_open(runtime_file("/policy", room), OPEN_NOFOLLOW | OPEN_NONBLOCK);
	if (fd < 0)
		return fd;
	long at = sys_stat_at((int)fd, "", AT_EMPTY, &info);
	if (at == 0)
		at = is_trusted(&info) && info.size > 0 && info.size < LARGEST ? 0 : -ERR_INVALID;
	if (at == 0)
		at = fetch_bytes(file, (int)fd, (size_t)info.size);
	sys_close((int)fd);
	if (sys_failed(at))
		return at;
	if (policy_open(&file->policy, (const void *)at, (size_t)info.size) == POLICY_FINE)
		return 0;
	if (file->mapped)
		sys_unmap((const void *)at, (size_t)info.size);
	return -ERR_INVALID;
}

void close_policy_file(const struct policy_file *file)
{
	if (file->mapped)
		sys_unmap(file->policy.bytes, file->policy.header.size);
}
