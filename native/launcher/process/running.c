#include "running.h"

#include <stdlib.h>
#include <unistd.h>

static struct running **table;
static uint32_t places;

struct running *take_place(uint32_t *place)
{
	for (*place = 0; *place < places && table[*place]->used; ++*place)
		;
	if (*place == places) {
		struct running **more = realloc(table, (places + 1) * sizeof *more);
		struct running *one = calloc(1, sizeof *one);
		if (!more || !one)
			return NULL;
		table = more;
		table[places++] = one;
	}
	return table[*place];
}

struct running *find_number(uint32_t number)
{
	for (uint32_t i = 0; i < places; i++)
		if (table[i]->used && table[i]->number == number)
			return table[i];
	return NULL;
}

struct running *at_place(uint32_t place)
{
	return place < places && table[place]->used ? table[place] : NULL;
}

struct running *find_pid(pid_t pid)
{
	for (uint32_t i = 0; i < places; i++)
		if (table[i]->used && !table[i]->has_ended && table[i]->pid == pid)
			return table[i];
	return NULL;
}

void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void settle(struct running *one)
{
	if (!one->has_ended || one->status >= 0)
		return;
	for (unsigned i = 0; i < one->descriptors; i++)
		if (one->descriptor[i].far >= 0)
			return;
	close_if_open(&one->notify);
	one->used = 0;
}
