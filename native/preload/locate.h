/* Where a program really is. */
#ifndef QPOD_LOCATE_H
#define QPOD_LOCATE_H

#include "sys.h"

struct location {
	const char *program;  /* physical folder and own name */
	const char *target;   /* with the last link followed too */
	char room[2][PATH_ROOM];
};

/* The last component. */
const char *name_of(const char *path);

/* In /usr/bin or the like. */
int is_system_path(const char *path);

/* 0 or -errno. */
long locate_program(const char *path, struct location *location);

/* The path that descriptor fd stands for; 0 or -errno. */
long locate_descriptor(int fd, char *text);

/* A regular file that may be executed. 0 or -errno. */
long check_executable(const char *path);

#endif
