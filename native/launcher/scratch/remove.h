/* Emptying a folder of files that only a container's root may remove. */
#ifndef QPOD_REMOVE_H
#define QPOD_REMOVE_H

/* Removes all that is in the folder and on its filesystem. The exit status, reported. */
int empty_folder(const char *folder);

#endif
