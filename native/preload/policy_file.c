#include "policy_file.h"
#include "state.h"

#define READ_ONLY 1
#define PRIVATE 2
#define WRITABLE_BY_OTHERS 022
#define LARGEST (1u << 30)

/* Somebody else's file could send every command anywhere. */
static int is_trusted(const struct sys_stat *info)
{
	return (info->mode & MODE_TYPE) == MODE_FILE && !(info->mode & WRITABLE_BY_OTHERS)
		&& (info->uid == 0 || info->uid == sys_user());
}

/* The file is replaced by rename and never cut, so its mapping cannot fault; nothing is kept open, since
 * programs close descriptors they do not know. */
long map_policy(struct policy *policy)
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
		at = sys_map((size_t)info.size, READ_ONLY, PRIVATE, (int)fd);
	sys_close((int)fd);
	if (sys_failed(at))
		return at;
	if (policy_open(policy, (const void *)at, (size_t)info.size) == POLICY_FINE)
		return 0;
	sys_unmap((const void *)at, (size_t)info.size);
	return -ERR_INVALID;
}

void unmap_policy(const struct policy *policy)
{
	sys_unmap(policy->bytes, policy->header.size);
}
