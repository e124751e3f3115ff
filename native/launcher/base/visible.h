/* Names that others chose, as they may be shown on a terminal. */
#ifndef QPOD_VISIBLE_H
#define QPOD_VISIBLE_H

#include <stddef.h>

/* Control characters, those that reorder or hide what follows, and bytes that are no UTF-8 become escapes, as
 * src/base/text.ts writes them. Cuts what does not fit between two characters; out always ends with NUL. Returns its
 * length. */
size_t make_visible(char *out, size_t size, const char *text);

#endif
