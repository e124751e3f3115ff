#include <stdlib.h>

#include "check.h"
#include "../../native/format/session.h"
#include "../../native/preload/environ.h"
#include "../../native/preload/state.h"

struct state state;

#define OWN "/run/q/$LIB/" SESSION_LIBRARY

static char *const *changed;
static void *room;

/* The environment after the change, as one text. */
static const char *apply(char *const *variables, struct change change)
{
	static char text[4096];
	text[0] = 0;
	if (!change.name)
		return "unchanged";
	free(room);
	room = malloc(measure_environment(variables, &change));
	changed = write_environment(variables, &change, room);
	for (char *const *one = changed; *one; one++) {
		strcat(text, *one);
		strcat(text, "|");
	}
	return text;
}

static int restores(char *const *variables, const char *expected)
{
	const char *text = apply(variables, restore_preload(variables));
	if (strcmp(text, expected) != 0)
		printf("got %s\n", text);
	return strcmp(text, expected) == 0;
}

static int removes(char *value, const char *expected)
{
	char *variables[] = { "A=1", value, NULL };
	const char *text = apply(variables, remove_preload(variables));
	if (strcmp(text, expected) != 0)
		printf("got %s\n", text);
	return strcmp(text, expected) == 0;
}

int main(void)
{
	strcpy(state.entry, OWN);
	state.entry_length = strlen(OWN);
	char *nothing[] = { NULL };
	char *without[] = { "A=1", "LD_PRELOADED=x", "B=2", NULL };
	char *with[] = { "A=1", "LD_PRELOAD=x.so:" OWN, NULL };
	char *other[] = { "LD_PRELOAD=x.so y.so", "B=2", "LD_PRELOAD=again", NULL };
	char *empty[] = { "LD_PRELOAD=", NULL };
	char *similar[] = { "LD_PRELOAD=" OWN ".1", NULL };

	CHECK("no environment", restores(NULL, "LD_PRELOAD=" OWN "|"));
	CHECK("an empty one", restores(nothing, "LD_PRELOAD=" OWN "|"));
	CHECK("missing", restores(without, "A=1|LD_PRELOADED=x|B=2|LD_PRELOAD=" OWN "|"));
	CHECK("there already", restores(with, "unchanged"));
	CHECK("in front of another's", restores(other, "LD_PRELOAD=" OWN ":x.so y.so|B=2|"));
	CHECK("empty value", restores(empty, "LD_PRELOAD=" OWN "|"));
	CHECK("a longer name", restores(similar, "LD_PRELOAD=" OWN ":" OWN ".1|"));
	apply(without, restore_preload(without));
	CHECK("the caller's strings stay where they are", changed[0] == without[0] && changed[2] == without[2]);

	CHECK("taken out, alone", removes("LD_PRELOAD=" OWN, "A=1|"));
	CHECK("taken out, first", removes("LD_PRELOAD=" OWN ":x.so", "A=1|LD_PRELOAD=:x.so|"));
	CHECK("taken out, last", removes("LD_PRELOAD=x.so " OWN, "A=1|LD_PRELOAD=x.so |"));
	CHECK("not there", removes("LD_PRELOAD=x.so", "unchanged"));

	char *asked[] = { "QPOD_EXEC=old", "A=1", "QPOD_EXEC=older", NULL };
	struct change exec = { "QPOD_EXEC", "./a b", NULL, 5, 0, 0 };
	CHECK("a variable that is there", strcmp(apply(asked, exec), "QPOD_EXEC=./a b|A=1|") == 0);
	free(room);
	return finish("environ");
}
