/* `qpod-launch lab-enter`: a command in a host of a lab; `lab-shell`: one that has jobs of its own. */
#ifndef QPOD_LAB_ENTER_H
#define QPOD_LAB_ENTER_H

/* PID START USER HOST HOST-START FOLDER -- COMMAND...: the lab's first process and when it started, 1 when it has a
 * user namespace, the host's process and when it started as the lab sees them, the folder to go to. One that begins with
 * a question mark need not be there. Runs the command and waits for it; its exit status.
 * An empty program, `listening` and more is await_listening. */
int enter_lab(char **argv, int is_shell);

#endif
