/* Names of one file: those that were copied already, so that the copies are names of one file too. */
#ifndef QPOD_COPY_LINKS_H
#define QPOD_COPY_LINKS_H

#include <sys/stat.h>

/* The copy's path, if this file was copied under another name; else NULL. */
const char *find_copied(const struct stat *info);

/* Notes where the copy is. Without memory a link becomes a file of its own. */
void note_copied(const struct stat *info, const char *copy);

/* Is it a file that git made in its store, which it never writes to again, nor may we? `folder` is the one that holds it, open. */
int is_git_object(int folder, const char *path, const struct stat *info);

#endif
