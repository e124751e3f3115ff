/* The functions that programs call instead of libc's. No logic here: each says which it is. */
#include <stdarg.h>

#include "call.h"

#define EXPORT __attribute__((visibility("default")))

static string_list own_environment(void)
{
	return &environ ? environ : NULL;
}

/* int execve(const char *path, char *const argv[], char *const envp[]); */
EXPORT int execve(const char *path, string_list arguments, string_list variables)
{
	return make_call(&(struct call){ .kind = CALL_EXECVE, .path = path, .arguments = arguments, .variables = variables });
}

/* int execv(const char *path, char *const argv[]); */
EXPORT int execv(const char *path, string_list arguments)
{
	return make_call(&(struct call){ .kind = CALL_EXECV, .path = path, .arguments = arguments, .variables = own_environment() });
}

/* int execvp(const char *file, char *const argv[]); */
EXPORT int execvp(const char *file, string_list arguments)
{
	return make_call(&(struct call){ .kind = CALL_EXECVP, .path = file, .arguments = arguments, .variables = own_environment() });
}

/* int execvpe(const char *file, char *const argv[], char *const envp[]); */
EXPORT int execvpe(const char *file, string_list arguments, string_list variables)
{
	return make_call(&(struct call){ .kind = CALL_EXECVPE, .path = file, .arguments = arguments, .variables = variables });
}

/* int fexecve(int fd, char *const argv[], char *const envp[]); */
EXPORT int fexecve(int fd, string_list arguments, string_list variables)
{
	return make_call(&(struct call){ .kind = CALL_FEXECVE, .fd = fd, .arguments = arguments, .variables = variables });
}

/* int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags); */
EXPORT int execveat(int fd, const char *path, string_list arguments, string_list variables, int flags)
{
	return make_call(&(struct call){ .kind = CALL_EXECVEAT, .fd = fd, .path = path, .flags = flags,
		.arguments = arguments, .variables = variables });
}

/* The arguments of execl and its like are counted, then copied to our own stack. A va_list is not given to
 * anybody: what a function may do with another's differs between processors. */
#define COUNT_ARGUMENTS(count, first) \
	va_start(list, first); \
	for (const char *one = first; one; count++) \
		one = va_arg(list, const char *); \
	va_end(list)

/* Leaves the list behind the last argument, where execle has its environment. */
#define COPY_ARGUMENTS(arguments, count, first) \
	va_start(list, first); \
	arguments[0] = (char *)first; \
	for (int i = 1; i < count; i++) \
		arguments[i] = va_arg(list, char *)

/* int execl(const char *path, const char *arg, ..., NULL); */
EXPORT int execl(const char *path, const char *argument, ...)
{
	va_list list;
	int count = 1;
	COUNT_ARGUMENTS(count, argument);
	char *arguments[count];
	COPY_ARGUMENTS(arguments, count, argument);
	va_end(list);
	return make_call(&(struct call){ .kind = CALL_EXECV, .path = path, .arguments = arguments, .variables = own_environment() });
}

/* int execlp(const char *file, const char *arg, ..., NULL); */
EXPORT int execlp(const char *file, const char *argument, ...)
{
	va_list list;
	int count = 1;
	COUNT_ARGUMENTS(count, argument);
	char *arguments[count];
	COPY_ARGUMENTS(arguments, count, argument);
	va_end(list);
	return make_call(&(struct call){ .kind = CALL_EXECVP, .path = file, .arguments = arguments, .variables = own_environment() });
}

/* int execle(const char *path, const char *arg, ..., NULL, char *const envp[]); */
EXPORT int execle(const char *path, const char *argument, ...)
{
	va_list list;
	int count = 1;
	COUNT_ARGUMENTS(count, argument);
	char *arguments[count];
	COPY_ARGUMENTS(arguments, count, argument);
	string_list variables = va_arg(list, string_list);
	va_end(list);
	return make_call(&(struct call){ .kind = CALL_EXECVE, .path = path, .arguments = arguments, .variables = variables });
}

/* int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
 *                 const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]); */
#define SPAWN(name, its_kind) \
	EXPORT int name(int *result, const char *path, const void *actions, const void *attributes, \
		string_list arguments, string_list variables) \
	{ \
		return make_call(&(struct call){ .kind = its_kind, .path = path, .arguments = arguments, \
			.variables = variables, .result = result, .actions = actions, .attributes = attributes }); \
	}

SPAWN(posix_spawn, CALL_SPAWN)
SPAWN(posix_spawnp, CALL_SPAWNP)
SPAWN(pidfd_spawn, CALL_PIDFD_SPAWN)
SPAWN(pidfd_spawnp, CALL_PIDFD_SPAWNP)
