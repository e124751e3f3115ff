/* Which folders of an overlay's upper folder hide those below them: Node cannot read the marks. */
#ifndef QPOD_OPAQUE_H
#define QPOD_OPAQUE_H

/* Prints their paths relative to upper, with a NUL after each. An exit status. */
int list_opaque(const char *upper);

#endif
