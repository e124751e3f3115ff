#include <stdlib.h>

#include "check.h"
#include "../../native/format/decide.h"

static const struct { const char *pattern, *text; int matches; } cases[] = {
	{ "", "", 1 }, { "", "a", 0 }, { "a", "", 0 }, { "abc", "abc", 1 }, { "abc", "abd", 0 }, { "abc", "abcd", 0 },
	{ "*", "", 1 }, { "*", "abc", 1 }, { "*", "a/b", 0 }, { "*.sh", "a.sh", 1 }, { "*.sh", "x/a.sh", 0 },
	{ "a*c", "abbbc", 1 }, { "a*c", "abbb", 0 }, { "a*b*c", "aXbYbZc", 1 }, { "*-elf-gcc", "arm-none-elf-gcc", 1 },
	{ "?", "a", 1 }, { "?", "/", 0 }, { "?", "", 0 }, { "a?c", "abc", 1 },
	{ "**", "", 1 }, { "**", "a/b/c", 1 }, { ".git/**", ".git/hooks/x", 1 }, { ".git/**", ".git", 0 },
	{ ".git/**", "x/.git/hooks", 0 }, { "**/x", "x", 1 }, { "**/x", "a/b/x", 1 }, { "**/x", "ax", 0 }, { "**/x", "a/bx", 0 },
	{ "a/**/b", "a/b", 1 }, { "a/**/b", "a/x/y/b", 1 }, { "a/**/b", "a/xb", 0 }, { "a/**/b", "ab", 0 },
	{ "**/gen/*.sh", "gen/a.sh", 1 }, { "**/gen/*.sh", "p/q/gen/a.sh", 1 }, { "**/gen/*.sh", "gen/gen/a.sh", 1 },
	{ "**/gen/*.sh", "p/gen/q/a.sh", 0 }, { "**/*a/b*", "x/ya/z/wa/bc", 1 }, { "release/2018.*", "release/2018.3", 1 },
	{ "release/2018.*", "release/2018.3/x", 0 }, { "a**b", "a/x/b", 1 }, { "a**b", "ab", 1 }, { "***", "a/b", 1 },
	{ "a/*/c", "a/b/c", 1 }, { "a/*/c", "a//c", 1 }, { "a/*/c", "a/b/b/c", 0 }, { "\\*", "\\x", 1 }, { "[a]", "a", 0 },
	{ "[a]", "[a]", 1 }, { "\xff*", "\xff\x80", 1 },
};

/* What the pattern means, in the plainest words; exponential, which is why it is no more than a test. */
static int matches_plainly(const char *start, const char *p, const char *text)
{
	if (!*p)
		return !*text;
	if (p[0] == '*' && p[1] == '*') {
		int whole = (p == start || p[-1] == '/') && p[2] == '/';
		const char *rest = p + (whole ? 3 : 2);
		for (const char *t = text;; t++) {
			if ((!whole || t == text || t[-1] == '/') && matches_plainly(start, rest, t))
				return 1;
			if (!*t)
				return 0;
		}
	}
	if (*p == '*') {
		for (const char *t = text;; t++) {
			if (matches_plainly(start, p + 1, t))
				return 1;
			if (!*t || *t == '/')
				return 0;
		}
	}
	if (!*text || (*p != *text && !(*p == '?' && *text != '/')))
		return 0;
	return matches_plainly(start, p + 1, text + 1);
}

static void make_random(char *text, unsigned room, const char *letters)
{
	unsigned length = (unsigned)rand() % room;
	for (unsigned i = 0; i < length; i++)
		text[i] = letters[(unsigned)rand() % strlen(letters)];
	text[length] = 0;
}

static void compare_with_plain_words(void)
{
	char pattern[9], text[13];
	int differ = 0;
	srand(1);
	for (int i = 0; i < 300000; i++) {
		make_random(pattern, sizeof pattern, "ab/**?*");
		make_random(text, sizeof text, "ab/ab");
		if (glob_matches(pattern, text) != matches_plainly(pattern, pattern, text) && differ++ < 5)
			printf("differs: '%s' on '%s'\n", pattern, text);
	}
	CHECK("300,000 random patterns agree with the definition", differ == 0);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(cases[i].pattern, glob_matches(cases[i].pattern, cases[i].text) == cases[i].matches);
	compare_with_plain_words();
	char text[4001], pattern[] = "**/*a*a*a*a*a*a*a*b";
	memset(text, 'a', 4000);
	text[4000] = 0;
	CHECK("many stars end in time", glob_matches(pattern, text) == 0);
	return finish("glob");
}
