#define _GNU_SOURCE
#include "remove.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>

#include "../base/report.h"

static int failure;

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	if (where->level > 0 && remove(path) < 0)
		failure = errno;
	return 0;
}

int empty_folder(const char *folder)
{
	if (nftw(folder, remove_entry, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0)
		failure = errno;
	return failure ? report_failure("empty", folder, failure, remedy_for(failure)), EXIT_QPOD : 0;
}
