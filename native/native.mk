# The preload library. Included by the top Makefile; everything goes to dist/native.

PRELOAD_SOURCES := $(wildcard native/preload/*.c) $(addprefix native/format/,policy.c decide.c glob.c names.c reach.c)
PRELOAD_HEADERS := $(wildcard native/preload/*.h native/format/*.h)

# No libc is linked: one file then serves glibc and musl, old and new. The link flags leave out what costs
# at each start of each program: separate segments, a second protection pass, the sysv hash table.
PRELOAD_CFLAGS := -std=c11 -Os -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector -fno-plt \
	-fno-asynchronous-unwind-tables -fno-stack-clash-protection -fcf-protection=none \
	-Wall -Wextra -Werror
PRELOAD_LDFLAGS := -nostdlib -shared -s -Wl,-soname,libqpod.so -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,now \
	-Wl,-z,defs -Wl,-z,noexecstack -Wl,--hash-style=gnu -Wl,--build-id=none -Wl,-Bsymbolic -Wl,--gc-sections \
	-Wl,--no-undefined-version

.PHONY: native-preload
native-preload: dist/native/libqpod.so dist/native/libqpod-32.so

dist/native/libqpod.so: $(PRELOAD_SOURCES) $(PRELOAD_HEADERS) native/preload/check-library native/native.mk
	@mkdir -p $(@D)
	$(CC) $(PRELOAD_CFLAGS) $(PRELOAD_LDFLAGS) -o $@.new $(PRELOAD_SOURCES)
	native/preload/check-library $@.new
	@mv $@.new $@

# The same for 32-bit programs, where the compiler can; ld.so would complain of the 64-bit one at each start.
dist/native/libqpod-32.so: dist/native/libqpod.so
	@if $(CC) -m32 -nostdlib -x c -o /dev/null -shared /dev/null 2>/dev/null; then \
		$(CC) -m32 $(PRELOAD_CFLAGS) $(PRELOAD_LDFLAGS) -o $@.new $(PRELOAD_SOURCES) && \
		native/preload/check-library $@.new && mv $@.new $@; \
	else \
		echo "no 32-bit library: this compiler has no -m32"; \
	fi

# For the tests, which run it emulated. By clang, since Debian's gcc for it cannot be installed beside gcc-multilib.
build/aarch64/libqpod.so: $(PRELOAD_SOURCES) $(PRELOAD_HEADERS) native/native.mk
	@mkdir -p $(@D)
	clang --target=aarch64-linux-gnu -fuse-ld=lld $(PRELOAD_CFLAGS) -Wno-unused-command-line-argument $(PRELOAD_LDFLAGS) -o $@ $(PRELOAD_SOURCES)

.PHONY: test-native fuzz
test-native:
	CC="$(CC)" test/native/run-tests

fuzz:
	fuzz/run
