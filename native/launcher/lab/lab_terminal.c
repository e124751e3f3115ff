#define _GNU_SOURCE
#include "lab_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t command;
/* -1: we have none. */
static int terminal = -1;
static int is_job;
/* We were in the foreground, and the lab has it now. */
static volatile sig_atomic_t is_lent;

static int is_alone(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (tcgetpgrp(fd) < 0)
			return 0;
	return getpgrp() == getpid();
}

void terminal_open(int is_shell)
{
	terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (terminal < 0)
		return;
	is_job = is_shell ? tcgetpgrp(0) >= 0 : is_alone();
	is_lent = tcgetpgrp(terminal) == getpgrp();
}

void terminal_begin_job(void)
{
	if (!is_job)
		return;
	setpgid(0, 0);
	if (is_lent)
		tcsetpgrp(terminal, getpid());
}

/* The shell outside puts our group in front, also without a word, when it takes us for running in the background. */
static int lend_terminal(pid_t group)
{
	if (terminal < 0 || tcgetpgrp(terminal) != getpgrp())
		return 0;
	is_lent = 1;
	tcsetpgrp(terminal, group);
	return 1;
}

/* Who asks from inside is told 0 of a group outside. */
static int is_inside(pid_t group)
{
	int status;

	if (kill(-group, 0) < 0 && errno == ESRCH)
		return 1;
	pid_t asker = fork();
	if (asker == 0)
		_exit(tcgetpgrp(terminal) > 0 ? 0 : 1);
	if (asker < 0)
		return 0;
	while (waitpid(asker, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return status == 0;
}

/* Not from somebody outside: the shell there takes it for itself when one stops us by force. */
static int take_terminal_back(void)
{
	sigset_t output, mask;
	pid_t front = is_lent ? tcgetpgrp(terminal) : -1;

	if (front <= 0 || front == getpgrp() || !is_inside(front))
		return 0;
	is_lent = 0;
	sigemptyset(&output);
	sigaddset(&output, SIGTTOU);
	sigprocmask(SIG_BLOCK, &output, &mask);
	tcsetpgrp(terminal, getpgrp());
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return 1;
}

/* What the terminal sends to our group has come to a command that is in it as well. */
static void pass_on(int number, siginfo_t *info, void *context)
{
	pid_t group = getpgid(command);
	int error = errno;

	(void)context;
	if (group > 0 && group != getpgrp()) {
		if (number == SIGCONT)
			lend_terminal(group);
		kill(-group, number);
	} else if (group > 0 && info->si_code <= 0 && number != SIGCONT) {
		kill(command, number);
	}
	errno = error;
}

void terminal_attend(pid_t started)
{
	static const int passed[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT, SIGTSTP };
	struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };

	command = started;
	if (is_job)
		setpgid(command, command);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		if (passed[i] != SIGTSTP || terminal >= 0)
			sigaction(passed[i], &action, NULL);
}

/* We, or with 0 all of our group: the shell outside waits for each of it. In a group that nobody could wake, the kernel
 * stops nobody. */
static void stop_alike(pid_t whom, int number)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, before = { .sa_handler = SIG_DFL };

	sigaction(number, &plain, &before);
	kill(whom, number);
	sigaction(number, &before, NULL);
}

static void follow_stop(int number)
{
	pid_t group = getpgid(command);

	if (group <= 0)
		return;
	if (group == getpgrp()) {
		/* All of the group had it. We stop last, since until it stands the command may take what is typed outside. */
		if (number == SIGTSTP && terminal >= 0)
			stop_alike(getpid(), number);
		return;
	}
	if ((number == SIGTTIN || number == SIGTTOU) && lend_terminal(group)) {
		kill(-group, SIGCONT);
		return;
	}
	/* One that stopped without having had a terminal is somebody else's affair. */
	if (!take_terminal_back() && !is_job)
		return;
	stop_alike(0, number);
	lend_terminal(group);
	kill(-group, SIGCONT);
}

int terminal_wait(void)
{
	int status;

	for (;;) {
		if (waitpid(command, &status, WUNTRACED) < 0) {
			if (errno != EINTR)
				return -1;
		} else if (WIFSTOPPED(status)) {
			follow_stop(WSTOPSIG(status));
		} else {
			break;
		}
	}
	take_terminal_back();
	return status;
}
