/* The road of one exec call: on to libc, or to the launcher. */
#ifndef QPOD_ROAD_H
#define QPOD_ROAD_H

enum road {
	ROAD_HOST,     /* as asked for */
	ROAD_LAUNCHER, /* a pod, or only the launcher can tell */
	ROAD_SHIMS,    /* as asked for, but it will not load us: what it starts by name has to find the shims */
	ROAD_LEAVE,    /* as asked for, and without us: another user or another root, out of the session */
};

/* path: what the kernel would be given. moved: the program may start in another folder than ours.
 * Nothing is mapped, open or written when it returns: the caller may be a vforked child. */
enum road choose_road(const char *path, int moved);

#endif
