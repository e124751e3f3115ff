/* What `qpod --help` and its like print, without Node: texts that the build wrote. */
#ifndef QPOD_HELP_H
#define QPOD_HELP_H

/* print_help: these words ask for something else, or for the help of what is no command; Node knows how to answer. */
#define HELP_ELSEWHERE (-1)

/* Prints the help or the version that the words (ended by NULL, without the program's name) ask for. Exit status, or
 * HELP_ELSEWHERE. */
int print_help(char *const *words);

#endif
