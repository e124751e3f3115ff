/* One raw system call, for code without a libc. Returns what the kernel does: -errno on failure.
 * The numbers stand here so that a 32-bit library can be made where only 64-bit headers are installed. */
#ifndef QPOD_SYSCALL_H
#define QPOD_SYSCALL_H

#define ERR_INTR 4

#if defined(__x86_64__)

#define NR_write 1

static inline long syscall_raw(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
		: "=a"(result)
		: "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return result;
}

#elif defined(__i386__)

#define NR_write 4

/* ebp cannot be an operand where it is the frame pointer, so the sixth argument goes over the stack. */
static inline long syscall_raw(long number, long a, long b, long c, long d, long e, long f)
{
	long last[2] = { a, f };
	long result = number;
	__asm__ volatile("pushl %%ebp\n\tpushl %%ebx\n\t"
		"movl (%%ebx), %%ebp\n\txchgl %%ebp, %%ebx\n\tmovl 4(%%ebp), %%ebp\n\t"
		"int $0x80\n\t"
		"popl %%ebx\n\tpopl %%ebp"
		: "+a"(result)
		: "b"(last), "c"(b), "d"(c), "S"(d), "D"(e)
		: "memory");
	return result;
}

#elif defined(__aarch64__)

#define NR_write 64

static inline long syscall_raw(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc 0"
		: "+r"(x0)
		: "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
		: "memory", "cc");
	return x0;
}

#else
#error "no system call for this processor; see native/format/syscall.h"
#endif

#endif
