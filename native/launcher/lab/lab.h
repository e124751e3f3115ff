/* `qpod-launch lab`: the namespace around a lab's hosts, and its first process. */
#ifndef QPOD_LAB_H
#define QPOD_LAB_H

/* Takes operation lists over descriptor 3 and answers with status records. All that it made ends with it, and it ends
 * when nobody holds the other end of the descriptor any more. The exit status. */
int run_lab(void);

#endif
