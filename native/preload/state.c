#include "state.h"
#include "environ.h"
#include "../format/bytes.h"

#define OWN_SUFFIX "/$LIB/libqpod.so"

struct state state;

/* All that we know comes out of our own entry: there is no variable of ours that a program could see. */
static void learn_entry(const char *entry, size_t length)
{
	size_t suffix = sizeof OWN_SUFFIX - 1;
	if (length <= suffix || length >= ENTRY_ROOM || !bytes_equal(entry + length - suffix, OWN_SUFFIX, suffix))
		return;
	bytes_copy(state.entry, entry, length);
	state.entry_length = length;
	state.base_length = length - suffix;
	state.active = 1;
}

const char *runtime_file(const char *name, char *room)
{
	/* The names are shorter than the suffix that the entry has in this place. */
	bytes_copy(room, state.entry, state.base_length);
	bytes_copy(room + state.base_length, name, bytes_length(name) + 1);
	return room;
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
	struct sys_stat root;
	if (state.ready)
		return;
	remember_objects(&state.objects);
	read_preload(variables);
	if (state.active && sys_stat_at(AT_HERE, "/", 0, &root) == 0) {
		state.root_inode = root.inode;
		state.root_device[0] = root.device[2];
		state.root_device[1] = root.device[3];
	}
	state.user = sys_user();
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
