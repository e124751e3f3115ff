/* The environment that the next program gets: the caller's, with one variable more or another value. */
#ifndef QPOD_ENVIRON_H
#define QPOD_ENVIRON_H

#include <stddef.h>

/* NAME=ONE TWO, the texts side by side; a NULL name changes nothing, a NULL `one` drops the variable. */
struct change {
	const char *name;
	const char *one, *two;
	size_t one_length, two_length;
	char between;           /* 0 for nothing */
};

/* The value, or NULL. variables may be NULL, as execve allows. */
const char *find_variable(char *const *variables, const char *name);

/* Moves *list to the next entry of an LD_PRELOAD and returns its length; 0 at the end. */
size_t next_entry(const char **list);

/* Puts our LD_PRELOAD entry back in front if it is missing. */
struct change restore_preload(char *const *variables);

/* Puts a folder in front of PATH, unless it is there already or there is no PATH. */
struct change prefer_folder(char *const *variables, const char *folder);

/* Takes our entry out, for a user who cannot reach the runtime folder. */
struct change remove_preload(char *const *variables);

/* Room for the changed environment, in bytes. */
size_t measure_environment(char *const *variables, const struct change *change);

/* Makes it in `room`; the strings that are not changed stay the caller's. */
char *const *write_environment(char *const *variables, const struct change *change, void *room);

#endif
