/* What only extended attributes tell of an overlay's changes. TypeScript, which cannot read them, compares the rest. */
#ifndef QPOD_MARKS_H
#define QPOD_MARKS_H

/* Writes a record to descriptor 3 for each path below upper that has something to tell: letters, a space, the path
 * relative to upper, a zero byte. `o`: the folder hides all below it; `u`: the folder was a real one; `x`: its
 * extended attributes (and so its ACLs) are not those of the same path below folder. Returns the exit status. */
int list_marks(const char *upper, const char *folder);

#endif
