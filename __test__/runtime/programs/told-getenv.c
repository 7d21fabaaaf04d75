/* Tells which threads other than the first ask for which environment variables. To be preloaded; glibc on Linux. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

char *getenv(const char *name)
{
	static char *(*next)(const char *);
	Dl_info caller;

	if (!next)
		next = (char *(*)(const char *)) dlsym(RTLD_NEXT, "getenv");
	if (syscall(SYS_gettid) != getpid() && dladdr(__builtin_return_address(0), &caller) && caller.dli_fname
		&& strstr(caller.dli_fname, "cornac."))
		dprintf(2, "%s was asked for\n", name);
	return next(name);
}
