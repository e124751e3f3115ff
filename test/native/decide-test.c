#include "check.h"
#include "golden.h"
#include "../../native/format/decide.h"

static struct policy policy;

static struct decision ask(const char *program, const char *target, const char *directory, const char *branch)
{
	struct decision decision;
	const char *name = program ? strrchr(program, '/') + 1 : target;
	struct question question = { program, program ? target : NULL, name, directory, branch };
	decide(&policy, &question, &decision);
	return decision;
}

static int is(struct decision decision, enum place place, enum rule rule, int64_t tree)
{
	return decision.place == place && decision.rule == rule && decision.tree == tree;
}

#define SRC "/home/u/src"
#define INNER SRC "/inner work tree"
#define CAFE "/home/u/caf\xe9\n"

static void check_trees(void)
{
	CHECK("a root is in itself", policy_find_tree(&policy, SRC) == 0);
	CHECK("what is below", policy_find_tree(&policy, SRC "/a/b/c") == 0);
	CHECK("a longer name is another folder", policy_find_tree(&policy, SRC "2/a") == POLICY_NO_TREE);
	CHECK("a shorter path is outside", policy_find_tree(&policy, "/home/u") == POLICY_NO_TREE);
	CHECK("the innermost wins", policy_find_tree(&policy, INNER "/a") == 1);
	CHECK("bytes that are no UTF-8", policy_find_tree(&policy, CAFE "/x") == 2);
	CHECK("the root folder", policy_find_tree(&policy, "/") == POLICY_NO_TREE);
	CHECK("a file in a root", policy_find_tree_of_file(&policy, SRC "/x") == 0);
	CHECK("a file is no root", policy_find_tree_of_file(&policy, SRC) == POLICY_NO_TREE);
	CHECK("a relative path is nowhere", policy_find_tree(&policy, "home/u/src") == POLICY_NO_TREE);
	CHECK("nor is none", policy_find_tree(&policy, "") == POLICY_NO_TREE);
}

static void check_rules(void)
{
	CHECK("1: outside", is(ask("/usr/bin/make", NULL, "/tmp", ""), PLACE_HOST, RULE_OUTSIDE, -1));
	CHECK("2: no pattern matches", is(ask("/usr/bin/make", NULL, CAFE, "main"), PLACE_HOST, RULE_NO_BRANCH, 2));
	CHECK("2: nor on a detached HEAD", is(ask("/usr/bin/make", NULL, CAFE, ""), PLACE_HOST, RULE_NO_BRANCH, 2));
	CHECK("2: no rules at all", is(ask("/home/u/all-host/x", NULL, NULL, ""), PLACE_HOST, RULE_NO_BRANCH, 3));
	CHECK("3: a host name", is(ask(SRC "/bin/vim", NULL, SRC, ""), PLACE_HOST, RULE_HOST, 0));
	CHECK("3: a host glob", is(ask(SRC "/git-x", NULL, SRC, ""), PLACE_HOST, RULE_HOST, 0));
	CHECK("3: hooks", is(ask(SRC "/.git/hooks/pre-commit", NULL, SRC, ""), PLACE_HOST, RULE_HOST, 0));
	CHECK("3: a path", is(ask(SRC "/tools/a/run", NULL, NULL, ""), PLACE_HOST, RULE_HOST, 0));
	CHECK("3: not a deeper one", is(ask(SRC "/tools/a/b/run", NULL, NULL, ""), PLACE_POD, RULE_IN_REPOSITORY, 0));
	CHECK("3: before commands", is(ask("/usr/bin/make", NULL, INNER, "main"), PLACE_HOST, RULE_HOST, 1));
	CHECK("4: in the repository", is(ask(SRC "/tool", NULL, "/tmp", ""), PLACE_POD, RULE_IN_REPOSITORY, 0));
	CHECK("4: by a link from outside", is(ask("/home/u/bin/t", SRC "/tool", "/tmp", ""), PLACE_POD, RULE_IN_REPOSITORY, 0));
	CHECK("4: by a link to outside", is(ask(SRC "/sh", "/usr/bin/dash", "/tmp", ""), PLACE_POD, RULE_IN_REPOSITORY, 0));
	CHECK("5: a command", is(ask("/usr/bin/make", NULL, SRC "/sub", ""), PLACE_POD, RULE_COMMAND, 0));
	CHECK("5: a name alone", is(ask(NULL, "make", SRC, ""), PLACE_POD, RULE_COMMAND, 0));
	CHECK("5: a glob", is(ask("/opt/arm-elf-gcc", NULL, SRC, ""), PLACE_POD, RULE_COMMAND, 0));
	CHECK("6: else", is(ask("/usr/bin/ls", NULL, SRC, ""), PLACE_HOST, RULE_ELSE, 0));
	CHECK("own programs", is(ask("/opt/qpod/bin/make", NULL, SRC, ""), PLACE_HOST, RULE_OWN, -1));
	CHECK("own programs by a link", is(ask(SRC "/make", "/opt/qpod/x", SRC, ""), PLACE_HOST, RULE_OWN, -1));
	CHECK("a name that starts as ours does", is(ask("/opt/qpod2/make", NULL, SRC, ""), PLACE_POD, RULE_COMMAND, 0));
	CHECK("the program's repository wins", is(ask(INNER "/x", NULL, SRC, "release/2018.1"), PLACE_POD, RULE_IN_REPOSITORY, 1));
	CHECK("no directory", is(ask("/usr/bin/make", NULL, NULL, ""), PLACE_HOST, RULE_OUTSIDE, -1));
}

static void check_branches(void)
{
	CHECK("the first pattern", ask(INNER "/x", NULL, NULL, "release/2018.1").policy_rule == 1);
	CHECK("the catch-all", ask(INNER "/x", NULL, NULL, "main").policy_rule == 2);
	CHECK("the catch-all, detached", ask(INNER "/x", NULL, NULL, "").policy_rule == 2);
	CHECK("one rule for all", is(ask(SRC "/x", NULL, NULL, NULL), PLACE_POD, RULE_IN_REPOSITORY, 0));
	CHECK("and which", ask(SRC "/x", NULL, NULL, NULL).policy_rule == 0);
	CHECK("several that agree", ask(INNER "/x", NULL, NULL, NULL).place == PLACE_POD);
	CHECK("but in different pods", ask(INNER "/x", NULL, NULL, NULL).policy_rule == -1);
	CHECK("several that differ", ask("/usr/bin/make", NULL, INNER, NULL).place == PLACE_BRANCH);
	CHECK("the host on every branch", ask("/usr/bin/ls", NULL, INNER, NULL).place == PLACE_HOST);
	CHECK("a pod on some, nothing on others", ask(CAFE "/x", NULL, NULL, NULL).place == PLACE_BRANCH);
	CHECK("the host on some, nothing on others", ask("/bin/ls", NULL, CAFE, NULL).place == PLACE_HOST);
	CHECK("no rules", ask("/home/u/all-host/x", NULL, NULL, NULL).place == PLACE_HOST);
}

static int named(const char *name)
{
	const char *matched;
	return names_command(&policy, 1, name, &matched);
}

static void check_names(void)
{
	static const char *yes[] = { "make", "gcc", "gcc-4.8", "gcc4", "clang++-14", "clang++", "python2.7", "python3", "g++-12",
		"g++", "m4", "x-elf-gcc", "-elf-gcc", "\xc3\xa4", "\xf0\x9f\x98\x80", "\xef\xbd\x9e" };
	static const char *no[] = { "", "4", "mak", "makes", "gcc-", "gcc-4.8-x", "gcc.4", "gcc-4.", "m", "m5", "-4", "elf-gcc", "clang" };
	for (unsigned i = 0; i < sizeof yes / sizeof *yes; i++)
		CHECK(yes[i], named(yes[i]) == 1);
	for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
		CHECK(no[i], named(no[i]) == 0);
	char large[5000];
	memset(large, '4', sizeof large - 1);
	large[sizeof large - 1] = 0;
	CHECK("a name of 5,000 digits", named(large) == 0);
	const char *matched;
	CHECK("all names are in number 0", names_command(&policy, 0, "cmake", &matched) == 1);
	CHECK("no such environment", names_command(&policy, 9, "make", &matched) == -1);
}

/* With less than the whole file at hand the answer is the right one or none. */
static void check_starts(const unsigned char *bytes, size_t size)
{
	int wrong = 0, answered = 0;
	struct decision whole[3], part[3];
	for (size_t have = size; have >= 96; have--) {
		unsigned char *start = malloc(have);
		memcpy(start, bytes, have);
		if (policy_open_start(&policy, start, have, size) != POLICY_FINE)
			wrong++;
		part[0] = ask("/usr/bin/make", NULL, INNER, "release/2018.1");
		part[1] = ask(SRC "/tool", NULL, NULL, NULL);
		part[2] = ask("/bin/ls", NULL, NULL, NULL);
		for (int i = 0; i < 3; i++) {
			if (have == size)
				whole[i] = part[i];
			if (part[i].place == PLACE_FAULT)
				continue;
			answered++;
			wrong += part[i].place != whole[i].place || part[i].tree != whole[i].tree || part[i].policy_rule != whole[i].policy_rule;
		}
		free(start);
	}
	CHECK("a part never gives another answer", wrong == 0);
	CHECK("a part may be enough", answered > 10);
	CHECK("the header is needed", policy_open_start(&policy, bytes, 95, size) == POLICY_TRUNCATED);
}

/* Every single damaged byte: no answer may come from outside the file, which the sanitizer watches. */
static void check_damage(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char kept = bytes[i];
		for (unsigned value = 0; value < 256; value += i < 400 ? 1 : 51) {
			bytes[i] = (unsigned char)value;
			if (policy_open(&policy, bytes, size) != POLICY_FINE)
				continue;
			ask(INNER "/a/b", CAFE "/x", SRC, NULL);
			ask("/usr/bin/gcc-4.8", NULL, INNER, "release/2018.1");
		}
		bytes[i] = kept;
	}
	checks++;
}

int main(void)
{
	size_t size;
	unsigned char *bytes = read_golden("policy", &size);
	CHECK("the golden policy opens", policy_open(&policy, bytes, size) == POLICY_FINE);
	check_trees();
	check_rules();
	check_branches();
	check_names();
	check_starts(bytes, size);
	check_damage(bytes, size);
	free(bytes);
	return finish("decide");
}
