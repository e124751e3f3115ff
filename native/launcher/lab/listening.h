/* Who listens in the network namespace that we are in. */
#ifndef QPOD_LISTENING_H
#define QPOD_LISTENING_H

/* PROTOCOL PORT: "tcp" or "udp", and a number. Returns when some process listens there (or has bound it, for udp); the
 * kernel tells nobody of that, so it is asked again and again. The exit status. */
int await_listening(char **argv);

#endif
