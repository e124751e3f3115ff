/* The name that the session's link of the preload library has. */
#ifndef QPOD_FORMAT_SESSION_H
#define QPOD_FORMAT_SESSION_H

/* AddressSanitizer refuses to start when a library comes before its own, unless that one's path has "libasan.so" in
 * it. Its order matters for functions that both replace, and we replace none of its memory functions. Only the link is
 * called so: programs that hold the runtime themselves look for that name among the mapped files, and refuse it.
 * The option verify_asan_link_order would have to be a variable that every program sees and `env -i` drops. */
#define SESSION_LIBRARY "libqpod-before-libasan.so"

#endif
