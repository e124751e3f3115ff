/* The `qpod` and `qpod-shell` commands as the user starts them: this program in front of Node. */
#ifndef QPOD_FRONT_H
#define QPOD_FRONT_H

/* Runs Node in place; or, for the commands that end in another program (`run`, `shell`), lets Node write a plan and
 * then becomes that program itself, so that the shell's child is the command. Exit status on failure. */
int run_front(const char *name, int argc, char **argv, char **envp);

#endif
