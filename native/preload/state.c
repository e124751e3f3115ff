#include "state.h"
#include "environ.h"
#include "../format/bytes.h"
#include "../format/session.h"

#define OWN_NAME "/" SESSION_LIBRARY

struct state state;

/* The entry is BASE/FOLDER/NAME; FOLDER is usually a literal $LIB. All that we know comes out of it: there is
 * no variable of ours that a program could see. */
static void learn_entry(const char *entry, size_t length)
{
	size_t name = sizeof OWN_NAME - 1;
	if (length <= name || length >= ENTRY_ROOM - 16 || !bytes_equal(entry + length - name, OWN_NAME, name))
		return;
	size_t base = length - name;
	do
		base--;
	while (base > 0 && entry[base] != '/');
	if (base == 0)
		return;
	bytes_copy(state.entry, entry, length);
	state.entry_length = length;
	state.base_length = base;
	state.active = 1;
}

const char *runtime_file(const char *name, char *room)
{
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
