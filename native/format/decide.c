/* "What goes where" of DESIGN, in its order. */
#include "decide.h"
#include "bytes.h"

static int lies_in(const char *path, const char *folder, size_t length)
{
	return length > 0 && bytes_length(path) >= length && bytes_equal(path, folder, length)
		&& (path[length] == '/' || path[length] == 0 || folder[length - 1] == '/');
}

static void answer(struct decision *decision, enum place place, enum rule rule, const char *matched)
{
	decision->place = place;
	decision->rule = rule;
	decision->matched = matched;
	if (place == PLACE_FAULT)
		decision->policy_rule = -1;
}

/* Qpod's own programs, by whatever link they are reached. 0 no, 1 yes, -1 damaged. */
static int is_own(const struct policy *policy, const struct question *question, const char **matched)
{
	struct policy_text home = policy->header.home;
	*matched = policy_string(policy, home);
	if (!*matched)
		return -1;
	return (question->program && lies_in(question->program, *matched, home.length))
		|| (question->target && lies_in(question->target, *matched, home.length));
}

/* A program in a bound tree belongs to that one; else the directory decides. */
static int64_t find_tree(const struct policy *policy, const struct question *question)
{
	int64_t tree = POLICY_NO_TREE;
	if (question->program)
		tree = policy_find_tree_of_file(policy, question->program);
	if (tree == POLICY_NO_TREE && question->target && question->target != question->program)
		tree = policy_find_tree_of_file(policy, question->target);
	if (tree == POLICY_NO_TREE && question->directory)
		tree = policy_find_tree(policy, question->directory);
	return tree;
}

/* The path as seen from the work tree's root, or NULL when it lies elsewhere. */
static const char *relative_to(const char *path, const char *root, size_t length)
{
	if (!path || !lies_in(path, root, length))
		return NULL;
	path += length;
	return *path == '/' ? path + 1 : path;
}

/* Does one of the globs match one of the two? 0 no, 1 yes, -1 damaged. */
static int globs_match(const struct policy *policy, struct policy_list globs, const char *a, const char *b, const char **matched)
{
	for (uint32_t i = 0; (a || b) && i < globs.count; i++) {
		if (!policy_list_item(policy, globs, i, matched))
			return -1;
		if ((a && glob_matches(*matched, a)) || (b && glob_matches(*matched, b)))
			return 1;
	}
	return 0;
}

/* Rules 3 to 6, for one environment. */
static void decide_in(const struct policy *policy, uint32_t index, const struct policy_tree *tree,
	const struct question *question, struct decision *decision)
{
	struct policy_environment environment;
	const char *root = policy_string(policy, tree->root);
	const char *matched = NULL;
	if (!root || !policy_environment(policy, index, &environment))
		return answer(decision, PLACE_FAULT, RULE_ELSE, NULL);
	const char *program = relative_to(question->program, root, tree->root.length);
	const char *target = relative_to(question->target, root, tree->root.length);
	int host = globs_match(policy, environment.host_names, question->name, NULL, &matched);
	if (host == 0)
		host = globs_match(policy, environment.host_paths, program, target, &matched);
	if (host > 0)
		return answer(decision, PLACE_HOST, RULE_HOST, matched);
	if (host == 0 && (program || target))
		return answer(decision, PLACE_POD, RULE_IN_REPOSITORY, root);
	int named = host < 0 ? -1 : question->name ? names_command(policy, index, question->name, &matched) : 0;
	if (named < 0)
		return answer(decision, PLACE_FAULT, RULE_ELSE, NULL);
	if (named > 0)
		return answer(decision, PLACE_POD, RULE_COMMAND, matched);
	answer(decision, PLACE_HOST, RULE_ELSE, NULL);
}

/* Rule 2 with a branch: the first pattern that matches. */
static void decide_on_branch(const struct policy *policy, const struct policy_tree *tree,
	const struct question *question, struct decision *decision)
{
	for (uint32_t i = 0; i < tree->rule_count; i++) {
		struct policy_rule rule;
		const char *pattern;
		if (!policy_rule(policy, tree->first_rule + i, &rule) || !(pattern = policy_string(policy, rule.branch)))
			return answer(decision, PLACE_FAULT, RULE_NO_BRANCH, NULL);
		if (*pattern && (!*question->branch || !glob_matches(pattern, question->branch)))
			continue;
		decision->policy_rule = tree->first_rule + i;
		return decide_in(policy, rule.environment, tree, question, decision);
	}
	answer(decision, PLACE_HOST, RULE_NO_BRANCH, NULL);
}

/* Rule 2 without: an answer only if it is the same on every branch. */
static void decide_on_any_branch(const struct policy *policy, const struct policy_tree *tree,
	const struct question *question, struct decision *decision)
{
	int everything = 0;
	uint32_t i = 0;
	answer(decision, PLACE_HOST, RULE_NO_BRANCH, NULL);
	for (; i < tree->rule_count && !everything; i++) {
		struct policy_rule rule;
		const char *pattern;
		struct decision one = *decision;
		if (!policy_rule(policy, tree->first_rule + i, &rule) || !(pattern = policy_string(policy, rule.branch)))
			return answer(decision, PLACE_FAULT, RULE_NO_BRANCH, NULL);
		decide_in(policy, rule.environment, tree, question, &one);
		if (i > 0 && one.place != PLACE_FAULT && one.place != decision->place)
			return answer(decision, PLACE_BRANCH, one.rule, one.matched);
		*decision = one;
		if (one.place == PLACE_FAULT)
			return;
		everything = !*pattern;
	}
	/* Without a rule for everything there are branches that stay on the host. */
	if (!everything && decision->place == PLACE_POD)
		decision->place = PLACE_BRANCH;
	if (i == 1 && everything)
		decision->policy_rule = tree->first_rule;
}

void decide(const struct policy *policy, const struct question *question, struct decision *decision)
{
	const char *matched = NULL;
	struct policy_tree tree;
	decision->tree = decision->policy_rule = -1;
	answer(decision, PLACE_HOST, RULE_OUTSIDE, NULL);
	int own = is_own(policy, question, &matched);
	if (own != 0)
		return answer(decision, own < 0 ? PLACE_FAULT : PLACE_HOST, RULE_OWN, matched);
	decision->tree = find_tree(policy, question);
	if (decision->tree == POLICY_NO_TREE)
		return;
	if (decision->tree < 0 || !policy_tree(policy, (uint32_t)decision->tree, &tree))
		return answer(decision, PLACE_FAULT, RULE_OUTSIDE, NULL);
	if (question->branch)
		decide_on_branch(policy, &tree, question, decision);
	else
		decide_on_any_branch(policy, &tree, question, decision);
}
