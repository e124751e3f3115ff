#define _GNU_SOURCE
#include "kill_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TREE_MAX 65536

struct process {
	pid_t pid, parent, group, session;
	int belongs;
};

static size_t look_around(struct process *all)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	while (folder && count < TREE_MAX && (entry = readdir(folder))) {
		char path[300], text[1024], *at;
		struct process *one = &all[count];
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			continue;
		text[n] = 0;
		at = strrchr(text, ')');
		*one = (struct process){ .pid = (pid_t)atoi(entry->d_name) };
		if (at && sscanf(at + 2, "%*c %d %d %d", &one->parent, &one->group, &one->session) == 3)
			count++;
	}
	if (folder)
		closedir(folder);
	return count;
}

static int leads(const struct process *all, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].belongs && all[i].pid == pid)
			return 1;
	return 0;
}

static void mark(struct process *all, size_t count, pid_t root)
{
	int found = 1;

	for (size_t i = 0; i < count; i++)
		all[i].belongs = all[i].pid == root;
	while (found) {
		found = 0;
		for (size_t i = 0; i < count; i++) {
			struct process *one = &all[i];
			if (one->belongs || one->pid == getpid())
				continue;
			one->belongs = leads(all, count, one->parent) || leads(all, count, one->group) || leads(all, count, one->session);
			found |= one->belongs;
		}
	}
}

/* Whoever is stopped starts nothing more: looking again until nobody new is found then finds all. */
static size_t stop_all(struct process *all, pid_t root)
{
	static pid_t stopped[TREE_MAX];
	size_t known = 0, count, before;

	do {
		before = known;
		count = look_around(all);
		mark(all, count, root);
		for (size_t i = 0; i < count; i++) {
			size_t j = 0;
			while (j < known && stopped[j] != all[i].pid)
				j++;
			if (!all[i].belongs || j < known || known == TREE_MAX)
				continue;
			kill(all[i].pid, SIGSTOP);
			stopped[known++] = all[i].pid;
		}
	} while (known > before);
	return count;
}

static struct process *all;

static int have_room(void)
{
	if (!all)
		all = calloc(TREE_MAX, sizeof *all);
	return all != NULL;
}

static void tell_all(size_t count, int signal)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].belongs)
			kill(all[i].pid, signal);
	for (size_t i = 0; i < count; i++)
		if (all[i].belongs && signal != SIGKILL && signal != SIGSTOP)
			kill(all[i].pid, SIGCONT);
}

void kill_tree(pid_t root, int signal)
{
	if (have_room())
		tell_all(stop_all(all, root), signal);
	else
		kill(root, signal);
}

/* Waits until all have ended. 0, or -1: some have not in time. */
static int wait_for_all(struct pollfd *pins, size_t count, int grace)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += grace / 1000;
	end.tv_nsec += grace % 1000 * 1000000L;
	for (size_t i = 0; i < count; i++) {
		int left;
		do {
			clock_gettime(CLOCK_MONOTONIC, &now);
			left = (int)((end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000);
			if (left <= 0)
				return -1;
		} while (poll(&pins[i], 1, left) <= 0);
	}
	return 0;
}

void end_tree(pid_t root, int signal, int grace)
{
	struct pollfd *pins = calloc(TREE_MAX, sizeof *pins);
	size_t count, pinned = 0;

	if (!pins || !have_room()) {
		kill(root, SIGKILL);
		return;
	}
	count = stop_all(all, root);
	/* Pinned while they are stopped: once the root has ended, nothing else tells which were its own. */
	for (size_t i = 0; i < count; i++) {
		int pin = all[i].belongs ? (int)syscall(434 /* pidfd_open */, all[i].pid, 0) : -1;
		if (pin >= 0)
			pins[pinned++] = (struct pollfd){ .fd = pin, .events = POLLIN };
	}
	tell_all(count, signal);
	if (wait_for_all(pins, pinned, grace) == 0)
		return;
	count = stop_all(all, root);
	tell_all(count, SIGKILL);
	for (size_t i = 0; i < pinned; i++)
		syscall(424 /* pidfd_send_signal */, pins[i].fd, SIGKILL, NULL, 0);
}
