/* The policy: the compiled answer to "which command, where". Written by src/policy/encode.ts; docs/formats.md.
 *
 * Everything is little-endian u32 unless said; a `text` is {offset, length} of bytes that are followed by a NUL.
 *
 *   header        96 bytes, struct policy_header; it says where the tables are
 *   environments  environment_count x struct policy_environment; number 0 is the union of all the others' names
 *   texts         text_count x text: name lists (sorted by bytes) and glob lists, referred to by {first, count}
 *   strings
 *   trees         tree_count x struct policy_tree (a root of `/` is the one path that ends with a slash)
 *   slots         slot_count (a power of two, at least twice tree_count) x u32: tree index + 1, 0 empty;
 *                 open addressing with linear probing, by FNV-1a of the root's path
 *   rules         rule_count x struct policy_rule; a tree's rules stand together, first match wins
 */
#ifndef QPOD_POLICY_H
#define QPOD_POLICY_H

#include <stddef.h>
#include <stdint.h>

#define POLICY_MAGIC "qpodpol\n"
#define POLICY_VERSION 1u

struct policy_text { uint32_t at, length; };
struct policy_list { uint32_t first, count; };

struct policy_header {
	char magic[8];
	uint32_t version, size;
	uint32_t tree_count, tree_at;
	uint32_t slot_count, slot_at;
	uint32_t rule_count, rule_at;
	uint32_t environment_count, environment_at;
	uint32_t text_count, text_at;
	struct policy_list program;  /* argv of the qpod command: node, main.js */
	struct policy_text home;     /* qpod's own folder: always the host */
	uint32_t depths[2];          /* low, high: bit n is set if a root has n slashes; bit 63 stands for all above */
	struct policy_list sources;  /* files that the policy was made from: when one is changed, it is made again */
	uint32_t zero[2];
};

struct policy_tree {
	struct policy_text root;     /* physical path of the work tree, without a trailing slash */
	struct policy_text git_dir;  /* where its HEAD is */
	uint32_t first_rule, rule_count;
};

/* The rule stands in the work tree's `.qpod.yaml`, which a checkout may change or remove. */
#define POLICY_RULE_COMMITTED 1u
/* Nothing applies at present, but the user has allowed this repository's files before: the launcher looks whether one
 * has come back. Its pod is empty. */
#define POLICY_RULE_VACANT 2u

struct policy_rule {
	struct policy_text branch;   /* glob; empty matches everything, a detached HEAD too */
	struct policy_text pod;      /* pod id: names the entry and start files */
	uint32_t environment;        /* index, from 1 */
	uint32_t flags;              /* POLICY_RULE_* */
	uint32_t definition[2];      /* low, high: an entry with another one must be made anew */
};

struct policy_environment {
	struct policy_text name;
	struct policy_list commands;       /* exact names */
	struct policy_list command_globs;
	struct policy_list host_names;
	struct policy_list host_paths;     /* globs relative to the work tree's root */
};

struct policy {
	const unsigned char *bytes;
	uint32_t have;                     /* so many of them are at hand; what lies behind counts as damaged */
	struct policy_header header;
};

enum policy_fault {
	POLICY_FINE = 0,
	POLICY_NOT_OURS,
	POLICY_OLDER,
	POLICY_NEWER,
	POLICY_TRUNCATED,
	POLICY_DAMAGED,   /* a table leaves the file */
};

/* Checks the header and that all tables lie inside. Each later access checks what it follows. No allocation. */
enum policy_fault policy_open(struct policy *policy, const void *bytes, size_t size);

/* The same with only the first `have` bytes of a file of that size: enough for most questions. */
enum policy_fault policy_open_start(struct policy *policy, const void *bytes, size_t have, size_t size);
const char *policy_fault_text(enum policy_fault fault);

/* The text (NUL-terminated, in place), or NULL when it leaves the file. */
const char *policy_string(const struct policy *policy, struct policy_text text);

/* Readers of the tables; 0 when the index is out of bounds. */
int policy_tree(const struct policy *policy, uint32_t index, struct policy_tree *tree);
int policy_rule(const struct policy *policy, uint32_t index, struct policy_rule *rule);
int policy_environment(const struct policy *policy, uint32_t index, struct policy_environment *environment);
int policy_list_item(const struct policy *policy, struct policy_list list, uint32_t i, const char **text);

#define POLICY_NO_TREE (-1)
#define POLICY_BROKEN_TREE (-2)

/* The innermost bound work tree that holds path (physical, absolute), or one of the two above. Flat in the number of trees. */
int64_t policy_find_tree(const struct policy *policy, const char *path);

/* The same for a file, which is no work tree itself: one look-up less, often the only one. */
int64_t policy_find_tree_of_file(const struct policy *policy, const char *path);

#endif
