/* From here into the pod, and into the command: join, chdir, identity, variables, exec. */
#ifndef QPOD_ENTER_H
#define QPOD_ENTER_H

#include "../base/runtime.h"
#include "../pod/entry.h"

struct child;

struct errand {
	const char *pod;
	uint64_t definition;
	const char *name;       /* looked up in the pod's PATH when path is NULL */
	const char *path;       /* run as it stands (after the entry's path map) */
	const char *fallback;   /* when the name is not found: the path the caller had, if it is there inside */
	const char *directory;  /* physical, absolute; NULL: it could not be told */
	int removed;            /* the working directory was removed: directory says where it was, and it is kept */
	int stay_root;
	void (*before_command)(void); /* called when nothing but the exec is left to do; may be NULL */
	char **argv;
	char **envp;
	/* For who does not want argv run: called in the pod, as the user, with the command's variables. */
	int (*arrived)(const struct entry *entry, const struct errand *errand, char **envp);
	struct child *child;
};

/* enter_pod: the policy was made anew while the pod was started; ask it again. */
#define ENTER_AGAIN (-2)

/* Starts the pod if need be, enters and execs. Returns only to give the exit status of a failure, reported, or
 * ENTER_AGAIN. */
int enter_pod(struct runtime *runtime, const struct errand *errand);

/* The errand is to be run in the working directory of this process; its path is put into room. */
void place_errand(struct errand *errand, char room[PATH_SIZE]);

/* The two last steps of an errand whose paths are the pod's own, for who is there already: 0 or -1 after reporting, and
 * the exit status of a failure, reported. */
int change_directory(const char *directory);
int exec_errand(const struct errand *errand, char **envp);

/* path with the entry's host prefix replaced by the pod's, in out; path itself when there is no map. */
const char *map_path(const struct operation_list *entry, const char *path, char out[PATH_SIZE]);

/* The operation of this code, or 0 when the list has none. */
int find_operation(const struct operation_list *list, uint16_t code, struct operation *op);

#endif
