#include "state.h"
#include "environ.h"
#include "../format/bytes.h"

#define OWN_SUFFIX "/$LIB/libqpod.so"

struct state state;
struct next_functions next;

extern void *dlsym(void *, const char *) __attribute__((weak));
#define NEXT_LIBRARY ((void *)-1)

/* Never a tail call: glibc knows the caller, and so what is next, by the return address. */
#define RESOLVE(name) (*(void **)&next.name = dlsym(NEXT_LIBRARY, #name))

static void resolve_functions(void)
{
	if (!dlsym)
		return;
	RESOLVE(execv);
	RESOLVE(execve);
	RESOLVE(execvp);
	RESOLVE(execvpe);
	RESOLVE(fexecve);
	RESOLVE(execveat);
	RESOLVE(posix_spawn);
	RESOLVE(posix_spawnp);
	RESOLVE(pidfd_spawn);
	RESOLVE(pidfd_spawnp);
	state.glibc = dlsym(NEXT_LIBRARY, "gnu_get_libc_version") != NULL;
}

/* Writes both texts to `to` and returns what is behind them. */
static char *join_text(char *to, const char *a, size_t length, const char *b)
{
	size_t more = bytes_length(b) + 1;
	bytes_copy(to, a, length);
	bytes_copy(to + length, b, more);
	return to + length + more;
}

/* All that we know comes out of our own entry: there is no variable of ours that a program could see. */
static void learn_entry(const char *entry, size_t length)
{
	size_t suffix = sizeof OWN_SUFFIX - 1;
	if (length <= suffix || length >= PATH_ROOM - 16 || !bytes_equal(entry + length - suffix, OWN_SUFFIX, suffix))
		return;
	state.entry_length = length;
	state.base_length = length - suffix;
	char *launch = join_text(state.texts, entry, length, "");
	char *policy = join_text(launch, entry, state.base_length, "/launch");
	join_text(policy, entry, state.base_length, "/policy");
	state.entry = state.texts;
	state.launch = launch;
	state.policy = policy;
	state.active = 1;
}

static void read_preload(char *const *variables)
{
	const char *value = find_variable(variables, "LD_PRELOAD");
	size_t length;
	while (value && !state.active && (length = next_entry(&value)) > 0) {
		learn_entry(value, length);
		value += length;
	}
}

static void prepare(char *const *variables)
{
	if (state.ready)
		return;
	resolve_functions();
	state.user = sys_user();
	sys_stat_at(AT_HERE, "/", 0, &state.root);
	read_preload(variables);
	state.ready = 1;
}

void make_ready(void)
{
	prepare(environ);
}

/* Without a DT_NEEDED we may run before glibc has set environ; it hands the variables over, musl does not. */
__attribute__((constructor)) static void prepare_at_start(int count, char **arguments, char **variables)
{
	(void)count;
	(void)arguments;
	prepare(&environ && environ ? environ : variables);
}
