#include "road.h"
#include "locate.h"
#include "newcomer.h"
#include "policy_file.h"
#include "reach_file.h"
#include "state.h"
#include "../format/bytes.h"
#include "../format/decide.h"

/* The launcher itself, and the shims, which are links to it: they decide on their own. */
static int is_ours(const char *path)
{
	size_t base = state.base_length;
	if (bytes_length(path) <= base || !bytes_equal(path, state.entry, base))
		return 0;
	return bytes_order(path + base, "/launch") == 0 || bytes_starts(path + base, "/shims/");
}

/* These will fail in the kernel as well, and the caller wants that very error. */
static int fails_anyway(long error)
{
	return error == -ERR_NO_ENTRY || error == -ERR_NOT_FOLDER || error == -ERR_ACCESS || error == -ERR_LOOP
		|| error == -ERR_NAME_TOO_LONG;
}

/* The physical working directory, or NULL. */
static const char *current_directory(char *room)
{
	return sys_current_directory(room, PATH_ROOM) > 0 && room[0] == '/' ? room : NULL;
}

static int comes_from_newcomer(const char *path)
{
	return !is_system_path(path) && holds_newcomer(path);
}

/* The road, or -1 when the policy is damaged or not all of it is at hand. ROAD_SHIMS if the program turns out to be static. */
static int ask_policy(const struct policy *policy, const char *path, int moved)
{
	struct location location;
	char room[PATH_ROOM];
	const char *matched;
	struct question question = { .name = name_of(path) };
	struct decision decision;
	/* Nothing was ever bound. With names but no trees, what was bound has been moved, and may be here. */
	if (policy->header.environment_count <= 1)
		return ROAD_HOST;
	int named = names_command(policy, 0, question.name, &matched);
	if (named < 0)
		return -1;
	if (moved && (named || path[0] != '/'))
		return ROAD_LAUNCHER;
	/* Where we are matters to named commands only. A folder that is gone was somewhere: let the launcher see. */
	if (named && !(question.directory = current_directory(room)))
		return ROAD_LAUNCHER;
	long error = locate_program(path, &location);
	if (error < 0)
		return fails_anyway(error) ? ROAD_HOST : ROAD_LAUNCHER;
	question.program = location.program;
	question.target = location.target;
	decide(policy, &question, &decision);
	if (decision.place == PLACE_FAULT)
		return -1;
	if (decision.place != PLACE_HOST)
		return ROAD_LAUNCHER;
	if (decision.rule != RULE_OUTSIDE)
		return decision.rule == RULE_OWN ? ROAD_HOST : ROAD_SHIMS;
	if (comes_from_newcomer(location.program))
		return ROAD_LAUNCHER;
	if (location.target != location.program && comes_from_newcomer(location.target))
		return ROAD_LAUNCHER;
	return named && holds_newcomer(question.directory) ? ROAD_LAUNCHER : ROAD_SHIMS;
}

static enum road ask_policy_file(struct policy_file *file, const char *path, int moved)
{
	int road = ask_policy(&file->policy, path, moved);
	if (road < 0 && complete_policy_file(file) == 0)
		road = ask_policy(&file->policy, path, moved);
	close_policy_file(file);
	return road < 0 ? ROAD_LAUNCHER : (enum road)road;
}

/* After a chroot the session's paths mean nothing, and ld.so would complain of us at each start. */
static int is_other_root(void)
{
	struct sys_stat now;
	return sys_stat_at(AT_HERE, "/", 0, &now) == 0 && (now.inode != state.root_inode
		|| now.device[2] != state.root_device[0] || now.device[3] != state.root_device[1]);
}

enum road choose_road(const char *path, int moved)
{
	struct policy_file file;
	if (is_other_root())
		return ROAD_LEAVE;
	if (is_ours(path))
		return ROAD_HOST;
	long error = open_policy_file(&file);
	/* What root's su, sudo and daemons start for somebody else is none of this session's. */
	if (error < 0 && sys_user() != state.user)
		return ROAD_LEAVE;
	enum road road = error < 0 ? ROAD_LAUNCHER : ask_policy_file(&file, path, moved);
	/* Callers such as zsh try every folder of PATH: what does not exist must fail here, not in a pod. */
	int elsewhere = moved && path[0] != '/';
	if (road == ROAD_LAUNCHER && !elsewhere && check_executable(path) < 0)
		return ROAD_HOST;
	if (road == ROAD_SHIMS && !is_out_of_reach(path))
		return ROAD_HOST;
	return road;
}
