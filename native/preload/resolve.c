#include "resolve.h"
#include "elf.h"
#include "../format/bytes.h"

extern int dl_iterate_phdr(int (*)(struct elf_loaded *, size_t, void *), void *) __attribute__((weak));
extern const char __ehdr_start __attribute__((visibility("hidden")));

struct tables {
	const uint32_t *gnu_hash, *hash;
	const char *strings;
	const struct elf_symbol *symbols;
	const uint16_t *versions;
};

/* glibc has added the base to the addresses already, musl has not, and nobody does for the vdso. */
static const void *address_of(const struct object *object, uintptr_t value)
{
	return (const void *)(value < object->base ? value + object->base : value);
}

static struct tables read_tables(const struct object *object)
{
	struct tables tables = { 0 };
	for (const uintptr_t *entry = object->dynamic; entry[0] != TAG_END; entry += 2) {
		const void *at = address_of(object, entry[1]);
		switch (entry[0]) {
		case TAG_GNU_HASH: tables.gnu_hash = at; break;
		case TAG_HASH: tables.hash = at; break;
		case TAG_STRINGS: tables.strings = at; break;
		case TAG_SYMBOLS: tables.symbols = at; break;
		case TAG_VERSIONS: tables.versions = at; break;
		}
	}
	return tables;
}

/* A function with that name, in the version that new programs get. */
static int is_wanted(const struct tables *tables, uint32_t index, const char *name)
{
	const struct elf_symbol *symbol = &tables->symbols[index];
	return symbol->section != 0 && (symbol->info & 15) == SYMBOL_FUNCTION
		&& !(tables->versions && (tables->versions[index] & VERSION_HIDDEN))
		&& bytes_order(tables->strings + symbol->name, name) == 0;
}

static uint32_t hash_gnu(const char *name)
{
	uint32_t hash = 5381;
	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* Most objects can be told to lack a name by one word of theirs. */
static int may_define(const uint32_t *table, uint32_t hash)
{
	const uintptr_t *bloom = (const uintptr_t *)(table + 4);
	const uint32_t bits = sizeof(uintptr_t) * 8;
	uintptr_t word = bloom[hash / bits & (table[2] - 1)];
	return word >> hash % bits & word >> (hash >> table[3]) % bits & 1;
}

/* The symbol's index, or 0. */
static uint32_t look_up_gnu(const struct tables *tables, const char *name)
{
	const uint32_t *table = tables->gnu_hash, hash = hash_gnu(name);
	if (!may_define(table, hash))
		return 0;
	const uint32_t *buckets = table + 4 + table[2] * (sizeof(uintptr_t) / 4), *chains = buckets + table[0];
	uint32_t index = buckets[hash % table[0]];
	for (; index; index++) {
		uint32_t chain = chains[index - table[1]];
		if ((chain | 1) == (hash | 1) && is_wanted(tables, index, name))
			return index;
		if (chain & 1)
			return 0;
	}
	return 0;
}

static uint32_t look_up_sysv(const struct tables *tables, const char *name)
{
	const uint32_t *table = tables->hash;
	uint32_t hash = 0;
	for (const char *p = name; *p; p++) {
		hash = (hash << 4) + (unsigned char)*p;
		hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
	}
	uint32_t index = table[2 + hash % table[0]];
	while (index && !is_wanted(tables, index, name))
		index = table[2 + table[0] + index];
	return index;
}

/* The symbol's index, or 0. */
static uint32_t look_up(const struct tables *tables, const char *name)
{
	if (tables->gnu_hash)
		return look_up_gnu(tables, name);
	return tables->hash ? look_up_sysv(tables, name) : 0;
}

void *find_next(const struct objects *objects, const char *name)
{
	for (unsigned i = 0; i < objects->count; i++) {
		struct tables tables = read_tables(&objects->list[i]);
		if (!tables.strings || !tables.symbols)
			continue;
		uint32_t index = look_up(&tables, name);
		if (index)
			return (void *)(objects->list[i].base + tables.symbols[index].value);
	}
	return NULL;
}

/* What we export, as text: pointers to texts would have to be relocated at each start. */
static const char exported[][16] = {
	"execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat",
	"posix_spawn", "posix_spawnp", "pidfd_spawn", "pidfd_spawnp",
};

/* One in ten objects has a hash table that does not rule our names out. A large program loads hundreds of objects,
 * and libc last: what only may define them must not take the room of what does. */
static int defines_any(const struct object *object)
{
	struct tables tables = read_tables(object);
	if (!tables.strings || !tables.symbols)
		return 0;
	for (size_t i = 0; i < sizeof exported / sizeof *exported; i++)
		if (look_up(&tables, exported[i]))
			return 1;
	return 0;
}

struct walk {
	struct objects *objects;
	int behind_us;
};

static int visit_object(struct elf_loaded *loaded, size_t size, void *argument)
{
	struct walk *walk = argument;
	struct objects *objects = walk->objects;
	struct object object = { loaded->base, NULL };
	(void)size;
	if (!walk->behind_us) {
		walk->behind_us = loaded->base == (uintptr_t)&__ehdr_start;
		return 0;
	}
	for (unsigned i = 0; i < loaded->segment_count && !object.dynamic; i++)
		if (loaded->segments[i].type == SEGMENT_DYNAMIC)
			object.dynamic = (const uintptr_t *)(loaded->base + loaded->segments[i].address);
	if (object.dynamic && objects->count < OBJECTS_MAX && defines_any(&object))
		objects->list[objects->count++] = object;
	return 0;
}

void remember_objects(struct objects *objects)
{
	struct walk walk = { objects, 0 };
	if (dl_iterate_phdr)
		dl_iterate_phdr(visit_object, &walk);
}
