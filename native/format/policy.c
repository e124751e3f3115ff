/* Reading the policy. The header and the tables' places are checked once; what they refer to, when it is followed,
 * since the file may hold 10,000 trees and an exec must not pay for them. */
#include "policy.h"
#include "bytes.h"

#define HEADER_WORDS ((sizeof(struct policy_header) - 8) / 4)
#define WORDS(type) (sizeof(struct type) / 4)

_Static_assert(sizeof(struct policy_header) == 96, "the header is 96 bytes");
_Static_assert(sizeof(struct policy_tree) == 24, "a tree is 24 bytes");
_Static_assert(sizeof(struct policy_rule) == 32, "a rule is 32 bytes");
_Static_assert(sizeof(struct policy_environment) == 40, "an environment is 40 bytes");

static int table_fits(size_t size, uint32_t at, uint32_t count, size_t item)
{
	return at <= size && (uint64_t)count * item <= size - at;
}

/* A table with trees needs an empty slot, or the search for an unknown path would go round it. */
static int slots_are_sane(uint32_t slots, uint32_t trees)
{
	return (slots & (slots - 1)) == 0 && slots / 2 >= trees;
}

enum policy_fault policy_open(struct policy *policy, const void *bytes, size_t size)
{
	return policy_open_start(policy, bytes, size, size);
}

enum policy_fault policy_open_start(struct policy *policy, const void *bytes, size_t have, size_t size)
{
	struct policy_header *h = &policy->header;
	if (have < 16 || !bytes_equal(bytes, POLICY_MAGIC, 8))
		return POLICY_NOT_OURS;
	policy->bytes = bytes;
	uint32_t version = bytes_u32(policy->bytes + 8);
	if (version != POLICY_VERSION)
		return version < POLICY_VERSION ? POLICY_OLDER : POLICY_NEWER;
	if (have < sizeof *h || bytes_u32(policy->bytes + 12) != size)
		return POLICY_TRUNCATED;
	policy->have = (uint32_t)have;
	bytes_copy(h->magic, bytes, 8);
	bytes_load_words(policy->bytes + 8, &h->version, HEADER_WORDS);
	int fits = table_fits(size, h->tree_at, h->tree_count, sizeof(struct policy_tree))
		&& table_fits(size, h->slot_at, h->slot_count, 4)
		&& table_fits(size, h->rule_at, h->rule_count, sizeof(struct policy_rule))
		&& table_fits(size, h->environment_at, h->environment_count, sizeof(struct policy_environment))
		&& table_fits(size, h->text_at, h->text_count, sizeof(struct policy_text));
	return fits && slots_are_sane(h->slot_count, h->tree_count) ? POLICY_FINE : POLICY_DAMAGED;
}

const char *policy_fault_text(enum policy_fault fault)
{
	switch (fault) {
	case POLICY_FINE: return "fine";
	case POLICY_NOT_OURS: return "not a policy";
	case POLICY_OLDER: return "written by an older qpod";
	case POLICY_NEWER: return "written by a newer qpod";
	case POLICY_TRUNCATED: return "truncated";
	case POLICY_DAMAGED: return "damaged";
	}
	return "damaged";
}

const char *policy_string(const struct policy *policy, struct policy_text text)
{
	uint64_t end = (uint64_t)text.at + text.length;
	if (end >= policy->have || policy->bytes[end] != 0)
		return NULL;
	return (const char *)policy->bytes + text.at;
}

static int load_item(const struct policy *policy, uint32_t at, uint32_t count, uint32_t index, void *item, unsigned words)
{
	uint64_t place = at + (uint64_t)index * words * 4;
	if (index >= count || place + words * 4 > policy->have)
		return 0;
	bytes_load_words(policy->bytes + place, item, words);
	return 1;
}

int policy_tree(const struct policy *policy, uint32_t index, struct policy_tree *tree)
{
	const struct policy_header *h = &policy->header;
	return load_item(policy, h->tree_at, h->tree_count, index, tree, WORDS(policy_tree));
}

int policy_rule(const struct policy *policy, uint32_t index, struct policy_rule *rule)
{
	const struct policy_header *h = &policy->header;
	return load_item(policy, h->rule_at, h->rule_count, index, rule, WORDS(policy_rule));
}

int policy_environment(const struct policy *policy, uint32_t index, struct policy_environment *environment)
{
	const struct policy_header *h = &policy->header;
	return load_item(policy, h->environment_at, h->environment_count, index, environment, WORDS(policy_environment));
}

int policy_list_item(const struct policy *policy, struct policy_list list, uint32_t i, const char **text)
{
	const struct policy_header *h = &policy->header;
	struct policy_text item;
	uint64_t index = (uint64_t)list.first + i;
	if (i >= list.count || index > UINT32_MAX
	    || !load_item(policy, h->text_at, h->text_count, (uint32_t)index, &item, WORDS(policy_text)))
		return 0;
	*text = policy_string(policy, item);
	return *text != NULL;
}

/* The tree whose root is the first `length` bytes of path. */
static int64_t look_up_root(const struct policy *policy, const char *path, size_t length, uint32_t hash)
{
	const struct policy_header *h = &policy->header;
	for (uint32_t probe = 0; probe < h->slot_count; probe++) {
		uint32_t slot = (hash + probe) & (h->slot_count - 1);
		uint32_t number;
		struct policy_tree tree;
		const char *root;
		if (!load_item(policy, h->slot_at, h->slot_count, slot, &number, 1))
			return POLICY_BROKEN_TREE;
		if (number == 0)
			return POLICY_NO_TREE;
		if (!policy_tree(policy, number - 1, &tree) || !(root = policy_string(policy, tree.root)))
			return POLICY_BROKEN_TREE;
		if (tree.root.length == length && bytes_equal(root, path, length))
			return number - 1;
	}
	return POLICY_NO_TREE;
}

/* Most folders above a path have no root at their depth; each that need not be looked up saves a page of the file. */
static int has_roots_at(const struct policy *policy, unsigned depth)
{
	unsigned bit = depth < 63 ? depth : 63;
	return policy->header.depths[bit / 32] >> bit % 32 & 1;
}

static int64_t find_innermost(const struct policy *policy, const char *path, int is_file)
{
	int64_t found = POLICY_NO_TREE;
	uint32_t hash = 2166136261u;
	unsigned depth = 0;
	if (path[0] != '/' || policy->header.tree_count == 0)
		return POLICY_NO_TREE;
	for (size_t i = 0;; i++) {
		/* A root ends before a slash; `/` itself (i is 1) ends after it. */
		int ends = path[i] == '/' || i == 1 || (path[i] == 0 && !is_file);
		if (i > 0 && ends && has_roots_at(policy, depth)) {
			int64_t tree = look_up_root(policy, path, i, hash);
			if (tree == POLICY_BROKEN_TREE)
				return tree;
			if (tree >= 0)
				found = tree;
		}
		if (path[i] == 0)
			return found;
		depth += path[i] == '/';
		hash = (hash ^ (unsigned char)path[i]) * 16777619u;
	}
}

int64_t policy_find_tree(const struct policy *policy, const char *path)
{
	return find_innermost(policy, path, 0);
}

int64_t policy_find_tree_of_file(const struct policy *policy, const char *path)
{
	return find_innermost(policy, path, 1);
}
