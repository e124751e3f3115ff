/* Extended attributes, which hold ACLs and file capabilities too. An overlay's own, and SELinux's labels, are not the user's. */
#ifndef QPOD_ATTRIBUTES_H
#define QPOD_ATTRIBUTES_H

/* Gives the open file `to` those of `from`, and no others. What the target's filesystem or our rights do not allow is left out. */
void copy_attributes(int from, int to);

/* Have the two paths other ones? A missing path has none. Symbolic links are not followed. */
int attributes_differ(const char *one, const char *other);

#endif
