#include "call.h"
#include "descriptor.h"
#include "environ.h"
#include "road.h"
#include "search.h"
#include "../format/bytes.h"

/* An environment of more variables than fit here is written to a mapping instead; threads have small stacks. */
#define STACK_ROOM (256 * 1024)
#define READ_WRITE 3
#define PRIVATE_ANONYMOUS 0x22

extern int *__errno_location(void) __attribute__((weak));

static int is_spawn(const struct call *call)
{
	return call->kind >= CALL_SPAWN;
}

/* A failure in the way of the kind of call: errno, or the returned number. */
static int fail(const struct call *call, int error)
{
	if (is_spawn(call))
		return error;
	if (__errno_location)
		*__errno_location() = error;
	return -1;
}

typedef int execv_function(const char *, string_list);
typedef int execve_function(const char *, string_list, string_list);
typedef execv_function execvp_function;
typedef execve_function execvpe_function;
typedef int fexecve_function(int, string_list, string_list);
typedef int execveat_function(int, const char *, string_list, string_list, int);
typedef int posix_spawn_function(int *, const char *, const void *, const void *, string_list, string_list);
typedef posix_spawn_function posix_spawnp_function, pidfd_spawn_function, pidfd_spawnp_function;

/* A function that libc lacks cannot have been meant by a program of its own. */
#define CALL_NEXT(name, ...) ({ \
	name##_function *function = (name##_function *)find_next(&state.objects, #name); \
	function ? function(__VA_ARGS__) : fail(call, ERR_NO_CALL); \
})

/* The call as it was made, with these variables. */
static int pass_on(const struct call *call, string_list variables)
{
	const struct call *c = call;
	int same = variables == call->variables;
	switch (c->kind) {
	case CALL_EXECV:
		if (same)
			return CALL_NEXT(execv, c->path, c->arguments);
		return CALL_NEXT(execve, c->path, c->arguments, variables);
	case CALL_EXECVE:
		return CALL_NEXT(execve, c->path, c->arguments, variables);
	case CALL_EXECVP:
		if (same)
			return CALL_NEXT(execvp, c->path, c->arguments);
		return CALL_NEXT(execvpe, c->path, c->arguments, variables);
	case CALL_EXECVPE:
		return CALL_NEXT(execvpe, c->path, c->arguments, variables);
	case CALL_FEXECVE:
		return CALL_NEXT(fexecve, c->fd, c->arguments, variables);
	case CALL_EXECVEAT:
		return CALL_NEXT(execveat, c->fd, c->path, c->arguments, variables, c->flags);
	case CALL_SPAWN:
		return CALL_NEXT(posix_spawn, c->result, c->path, c->actions, c->attributes, c->arguments, variables);
	case CALL_SPAWNP:
		return CALL_NEXT(posix_spawnp, c->result, c->path, c->actions, c->attributes, c->arguments, variables);
	case CALL_PIDFD_SPAWN:
		return CALL_NEXT(pidfd_spawn, c->result, c->path, c->actions, c->attributes, c->arguments, variables);
	case CALL_PIDFD_SPAWNP:
		return CALL_NEXT(pidfd_spawnp, c->result, c->path, c->actions, c->attributes, c->arguments, variables);
	}
	return fail(call, ERR_NO_CALL);
}

#define MESSAGE_FIRST "qpod: cannot run "
#define MESSAGE_LAST "\n  This session's files are gone or damaged: leave the shell and start it again.\n"

/* The caller will only say "No such file or directory" of a program that is there. */
static void explain_failure(const char *launcher, int error)
{
	if (error == 0 || error == ERR_TOO_BIG || error == ERR_NO_MEMORY || error == ERR_AGAIN)
		return;
	char text[sizeof MESSAGE_FIRST + ENTRY_ROOM + sizeof MESSAGE_LAST];
	size_t first = sizeof MESSAGE_FIRST - 1, length = first + bytes_length(launcher);
	bytes_copy(text, MESSAGE_FIRST, first);
	bytes_copy(text + first, launcher, length - first);
	bytes_copy(text + length, MESSAGE_LAST, sizeof MESSAGE_LAST);
	sys_write(2, text, length + sizeof MESSAGE_LAST - 1);
}

/* argv goes to the launcher untouched: it may hold 200,000 pointers, too many to copy here. */
static int launch(const struct call *call, string_list variables)
{
	char room[ENTRY_ROOM];
	struct call to_launcher = *call;
	to_launcher.path = runtime_file("/launch", room);
	if (!is_spawn(call))
		to_launcher.kind = CALL_EXECVE;
	else if (call->kind == CALL_SPAWNP)
		to_launcher.kind = CALL_SPAWN;
	else if (call->kind == CALL_PIDFD_SPAWNP)
		to_launcher.kind = CALL_PIDFD_SPAWN;
	int result = pass_on(&to_launcher, variables);
	explain_failure(to_launcher.path, is_spawn(call) ? result : __errno_location ? *__errno_location() : 0);
	return result;
}

typedef int finish_function(const struct call *call, string_list variables);

static int finish_on_stack(const struct call *call, const struct change *change, size_t size, finish_function *finish)
{
	char *room[size / sizeof(char *) + 1];
	return finish(call, write_environment(call->variables, change, room));
}

/* After a vfork a successful exec leaves the mapping in the parent, once per such call. The alternatives are
 * an overrun stack or a failure. */
static int finish_in_mapping(const struct call *call, const struct change *change, size_t size, finish_function *finish)
{
	long at = sys_map(size, READ_WRITE, PRIVATE_ANONYMOUS, -1);
	if (sys_failed(at))
		return fail(call, ERR_NO_MEMORY);
	int result = finish(call, write_environment(call->variables, change, (void *)at));
	sys_unmap((const void *)at, size);
	return result;
}

static int finish_with(const struct call *call, const struct change *change, finish_function *finish)
{
	if (!change->name)
		return finish(call, call->variables);
	size_t size = measure_environment(call->variables, change);
	if (size <= STACK_ROOM)
		return finish_on_stack(call, change, size, finish);
	return finish_in_mapping(call, change, size, finish);
}

/* The path that the kernel would be given, or NULL when it is none that we could rewrite. */
static const char *find_path(const struct call *call, char *room)
{
	switch (call->kind) {
	case CALL_EXECVP: case CALL_EXECVPE: case CALL_SPAWNP: case CALL_PIDFD_SPAWNP:
		return call->path ? search_program(call->path, room) : NULL;
	case CALL_FEXECVE: case CALL_EXECVEAT:
		return find_descriptor_path(call->fd, call->path, call->flags, room);
	default:
		return call->path;
	}
}

static enum road find_road(const struct call *call, char *room, const char **path)
{
	*path = find_path(call, room);
	return *path ? choose_road(*path, call->actions != NULL) : ROAD_HOST;
}

/* The second change, on top of a first. The functions without an environment of their own would pass over both. */
static int pass_on_with_shims(const struct call *call, string_list variables)
{
	char room[ENTRY_ROOM];
	struct call changed = *call;
	changed.variables = variables;
	if (call->kind == CALL_EXECV)
		changed.kind = CALL_EXECVE;
	else if (call->kind == CALL_EXECVP)
		changed.kind = CALL_EXECVPE;
	struct change change = prefer_folder(variables, runtime_file("/shims", room));
	return finish_with(&changed, &change, pass_on);
}

int make_call(const struct call *call)
{
	char room[PATH_ROOM];
	const char *path;
	struct change change = { 0 };
	if (!state.ready)
		make_ready();
	if (!state.active)
		return pass_on(call, call->variables);
	enum road road = find_road(call, room, &path);
	if (road == ROAD_LAUNCHER) {
		change = (struct change){ "QPOD_EXEC", path, NULL, bytes_length(path), 0, 0 };
		return finish_with(call, &change, launch);
	}
	change = road == ROAD_LEAVE ? remove_preload(call->variables) : restore_preload(call->variables);
	return finish_with(call, &change, road == ROAD_SHIMS ? pass_on_with_shims : pass_on);
}
