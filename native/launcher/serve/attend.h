/* The first process of a container whose engine is root's, for a user who may not join it: it lends its files, and serves
 * those commands for which that does not do. */
#ifndef QPOD_ATTEND_H
#define QPOD_ATTEND_H

/* argv: UID GID GROUP, then FILE KEY LINE of what the user databases must hold. Returns on failure only. */
int attend(char **argv);

#endif
