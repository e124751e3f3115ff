/* Globs, without recursion: a pattern of many stars must not cost more than pattern times text squared. */
#include "decide.h"

/* Where to go on after a mismatch: the pattern behind a star, and the text that the star may swallow more of. */
struct retry {
	const char *pattern, *text;
	int whole; /* a component of its own: swallows whole components only */
};

static int starts_component(const char *pattern, const char *at)
{
	return at == pattern || at[-1] == '/';
}

/* Lets `**` swallow more; 0 when nothing is left. */
static int swallow_deeply(struct retry *deep)
{
	if (!deep->pattern)
		return 0;
	do {
		if (!*deep->text)
			return 0;
		deep->text++;
	} while (deep->whole && deep->text[-1] != '/');
	return 1;
}

int glob_matches(const char *pattern, const char *text)
{
	struct retry star = { 0 }, deep = { 0 };
	const char *p = pattern;
	for (;;) {
		if (p[0] == '*' && p[1] == '*') {
			int whole = starts_component(pattern, p) && p[2] == '/';
			p += whole ? 3 : 2;
			deep = (struct retry){ p, text, whole };
			star.pattern = NULL;
		} else if (*p == '*') {
			star = (struct retry){ ++p, text, 0 };
		} else if (!*p && !*text) {
			return 1;
		} else if (*text && (*p == *text || (*p == '?' && *text != '/'))) {
			p++;
			text++;
		} else if (star.pattern && *star.text && *star.text != '/') {
			p = star.pattern;
			text = ++star.text;
		} else if (swallow_deeply(&deep)) {
			p = deep.pattern;
			text = deep.text;
			star.pattern = NULL;
		} else {
			return 0;
		}
	}
}
