#define _GNU_SOURCE
#include "request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC 0x71706f64u
#define HIGHEST_DESCRIPTOR 65535
#define TEXTS 5 /* pod, name, path, fallback, directory */

struct header {
	uint32_t magic, version, size; /* of what follows */
	uint32_t arguments, variables, descriptors;
	uint32_t missing;              /* bit i: text i is NULL */
	uint32_t stay_root;
	struct process_state state;
};

int list_descriptors(struct request *request)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *item;
	int error = folder ? 0 : -errno;

	request->descriptors = 0;
	while (folder && (item = readdir(folder))) {
		int fd = atoi(item->d_name), flags = *item->d_name == '.' ? -1 : fcntl(fd, F_GETFD);
		if (flags < 0 || flags & FD_CLOEXEC)
			continue;
		if (request->descriptors == REQUEST_DESCRIPTORS) {
			error = -EMFILE;
			break;
		}
		request->number[request->descriptors] = fd;
		request->descriptor[request->descriptors++] = fd;
	}
	if (folder)
		closedir(folder);
	return error;
}

static int send_bytes(int socket, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = send(socket, at, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* 1, 0 when nothing more comes, or -errno. */
static int receive_bytes(int socket, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t n = recv(socket, at, size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		at += n;
		size -= (size_t)n;
	}
	return 1;
}

static const char *text_of(const struct errand *errand, int i)
{
	const char *texts[TEXTS] = { errand->pod, errand->name, errand->path, errand->fallback, errand->directory };
	return texts[i];
}

static size_t add_text(char *out, size_t at, const char *text)
{
	size_t n = strlen(text) + 1;

	if (out)
		memcpy(out + at, text, n);
	return at + n;
}

/* Into out, or only measured when that is NULL. */
static size_t put_texts(char *out, const struct request *request, struct header *header)
{
	const struct errand *errand = &request->errand;
	size_t at = (size_t)request->descriptors * sizeof *request->number;

	if (out)
		memcpy(out, request->number, at);
	header->missing = header->arguments = header->variables = 0;
	for (int i = 0; i < TEXTS; i++) {
		if (text_of(errand, i))
			at = add_text(out, at, text_of(errand, i));
		else
			header->missing |= 1u << i;
	}
	for (; errand->argv[header->arguments]; header->arguments++)
		at = add_text(out, at, errand->argv[header->arguments]);
	for (; errand->envp[header->variables]; header->variables++)
		at = add_text(out, at, errand->envp[header->variables]);
	return at;
}

union control {
	char bytes[CMSG_SPACE(REQUEST_DESCRIPTORS * sizeof(int))];
	struct cmsghdr header;
};

static int send_header(int socket, const struct header *header, const struct request *request)
{
	union control control = { .bytes = { 0 } };
	struct iovec part = { (void *)header, sizeof *header };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (request->descriptors > 0) {
		size_t size = (size_t)request->descriptors * sizeof(int);
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(size);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), request->descriptor, size);
	}
	for (;;) {
		ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL);
		if (n == (ssize_t)sizeof *header)
			return 0;
		if (n >= 0)
			return -EPROTO;
		if (errno != EINTR)
			return -errno;
	}
}

int send_request(int socket, const struct request *request)
{
	struct header header = { .magic = MAGIC, .version = REQUEST_VERSION, .state = request->state };
	size_t size = put_texts(NULL, request, &header);
	char *texts = size <= REQUEST_MAX ? malloc(size) : NULL;
	int error;

	if (!texts)
		return size <= REQUEST_MAX ? -ENOMEM : -E2BIG;
	put_texts(texts, request, &header);
	header.size = (uint32_t)size;
	header.descriptors = (uint32_t)request->descriptors;
	header.stay_root = (uint32_t)request->errand.stay_root;
	error = send_header(socket, &header, request);
	if (!error)
		error = send_bytes(socket, texts, size);
	free(texts);
	return error;
}

static int receive_header(int socket, struct header *header, struct request *request)
{
	union control control;
	struct iovec part = { header, sizeof *header };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	ssize_t n;

	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	request->descriptors = 0;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
		size_t size = at->cmsg_len - CMSG_LEN(0);
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS || size > sizeof request->descriptor)
			return -EPROTO;
		memcpy(request->descriptor, CMSG_DATA(at), size);
		request->descriptors = (int)(size / sizeof(int));
	}
	if (n != (ssize_t)sizeof *header || header->magic != MAGIC || header->version != REQUEST_VERSION
	    || message.msg_flags & MSG_CTRUNC || header->size > REQUEST_MAX || header->descriptors != (uint32_t)request->descriptors
	    || header->arguments > header->size || header->variables > header->size)
		return -EPROTO;
	return 0;
}

/* The text at *at, moving it on; NULL when it has no end. */
static char *next_text(char **at, const char *end)
{
	char *text = *at, *stop = memchr(text, 0, (size_t)(end - text));

	*at = stop ? stop + 1 : (char *)end;
	return stop ? text : NULL;
}

static char **take_list(char **at, const char *end, uint32_t count)
{
	char **list = calloc((size_t)count + 1, sizeof *list);

	for (uint32_t i = 0; list && i < count; i++)
		if (!(list[i] = next_text(at, end)))
			return NULL;
	return list;
}

static int read_texts(char *at, const struct header *header, struct request *request)
{
	const char **texts[TEXTS] = { &request->errand.pod, &request->errand.name, &request->errand.path, &request->errand.fallback, &request->errand.directory };
	const char *end = at + header->size;
	size_t numbers = (size_t)request->descriptors * sizeof *request->number;

	if (numbers > header->size)
		return -EPROTO;
	memcpy(request->number, at, numbers);
	at += numbers;
	for (int i = 0; i < request->descriptors; i++)
		if (request->number[i] < 0 || request->number[i] > HIGHEST_DESCRIPTOR)
			return -EPROTO;
	for (int i = 0; i < TEXTS; i++) {
		*texts[i] = header->missing >> i & 1 ? NULL : next_text(&at, end);
		if (!*texts[i] && !(header->missing >> i & 1))
			return -EPROTO;
	}
	if (!request->errand.pod || (!request->errand.name && !request->errand.path))
		return -EPROTO;
	request->errand.argv = take_list(&at, end, header->arguments);
	request->errand.envp = request->errand.argv ? take_list(&at, end, header->variables) : NULL;
	return request->errand.envp && at == end ? 0 : -EPROTO;
}

int receive_request(int socket, struct request *request)
{
	struct header header;
	int error = receive_header(socket, &header, request);
	char *texts = error ? NULL : malloc(header.size + 1);

	if (!texts)
		return error ? error : -ENOMEM;
	error = receive_bytes(socket, texts, header.size);
	if (error <= 0)
		return error ? error : -EPROTO;
	request->errand.stay_root = header.stay_root != 0;
	request->state = header.state;
	return read_texts(texts, &header, request);
}

int send_notice(int socket, enum notice_kind kind, int value)
{
	struct notice notice = { kind, value };
	return send_bytes(socket, &notice, sizeof notice);
}

int receive_notice(int socket, struct notice *notice)
{
	return receive_bytes(socket, notice, sizeof *notice);
}
