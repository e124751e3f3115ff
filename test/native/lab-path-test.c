#define _GNU_SOURCE
#include <stdlib.h>

#include "check.h"
#include "../../native/launcher/lab/lab_path.h"

static const char *searched(const char *path)
{
	setenv("PATH", path, 1);
	return search_system_folders() == 0 ? getenv("PATH") : "";
}

int main(void)
{
	CHECK("all are added", !strcmp(searched("/usr/bin:/bin"), "/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"));
	CHECK("none is there twice", !strcmp(searched("/sbin:/usr/sbin:/usr/local/sbin"), "/sbin:/usr/sbin:/usr/local/sbin"));
	CHECK("only whole words count", !strcmp(searched("/opt/sbin:/usr/sbin/x:/usr/sbin"), "/opt/sbin:/usr/sbin/x:/usr/sbin:/usr/local/sbin:/sbin"));
	CHECK("an empty PATH stays", !strcmp(searched(""), ""));
	unsetenv("PATH");
	CHECK("without one there is none", search_system_folders() == 0 && !getenv("PATH"));
	return finish("lab-path");
}
