#define _GNU_SOURCE
#include "process_state.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAST_SIGNAL 64
#define KERNEL_SET 8 /* bytes: libc's own set is larger, and hides signals */

void take_state(struct process_state *state)
{
	memset(state, 0, sizeof *state);
	state->mask = (uint32_t)umask(0);
	umask((mode_t)state->mask);
	state->nice = getpriority(PRIO_PROCESS, 0);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &state->blocked, KERNEL_SET);
	for (int i = 1; i <= LAST_SIGNAL; i++) {
		struct sigaction action;
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			state->ignored |= 1ull << (i - 1);
	}
	for (int i = 0; i < STATE_LIMITS; i++) {
		struct rlimit limit;
		if (getrlimit(i, &limit) == 0) {
			state->limit[i].soft = limit.rlim_cur;
			state->limit[i].hard = limit.rlim_max;
		}
	}
	syscall(SYS_sched_getaffinity, 0, sizeof state->processors, state->processors);
}

static void give_limit(int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit now, wanted = { .rlim_cur = soft, .rlim_max = hard };

	if (setrlimit(resource, &wanted) == 0 || getrlimit(resource, &now) < 0)
		return;
	/* It may be lowered, but not raised. */
	if (wanted.rlim_max > now.rlim_max)
		wanted.rlim_max = now.rlim_max;
	if (wanted.rlim_cur > wanted.rlim_max)
		wanted.rlim_cur = wanted.rlim_max;
	setrlimit(resource, &wanted);
}

void give_state(const struct process_state *state)
{
	static const uint8_t unknown[sizeof state->processors];

	if (memcmp(state->processors, unknown, sizeof unknown) != 0)
		syscall(SYS_sched_setaffinity, 0, sizeof state->processors, state->processors);
	setpriority(PRIO_PROCESS, 0, state->nice);
	for (int i = 0; i < STATE_LIMITS; i++)
		give_limit(i, state->limit[i].soft, state->limit[i].hard);
	umask((mode_t)state->mask);
	for (int i = 1; i <= LAST_SIGNAL; i++)
		signal(i, state->ignored >> (i - 1) & 1 ? SIG_IGN : SIG_DFL);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &state->blocked, NULL, KERNEL_SET);
}
