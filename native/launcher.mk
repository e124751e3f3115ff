# The launcher: static, since a dynamic start costs more than everything else it does. musl, because a static glibc
# costs 0.6 ms at each start.

MUSL_CC ?= musl-gcc
LAUNCHER_SOURCES := $(wildcard native/launcher/*.c native/launcher/*/*.c native/format/*.c)
LAUNCHER_HEADERS := $(wildcard native/launcher/*/*.h native/format/*.h)
# Few and packed segments: each page that is touched at start costs as much as a system call.
LAUNCHER_LDFLAGS := -static -s -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,--build-id=none -Wl,--gc-sections
LAUNCHER_CFLAGS := -std=gnu11 -O2 -ffunction-sections -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -Wno-format-truncation

.PHONY: native-launcher
native-launcher: dist/native/qpod-launch

dist/native/qpod-launch: $(LAUNCHER_SOURCES) $(LAUNCHER_HEADERS) native/launcher.mk
	@command -v $(MUSL_CC) >/dev/null || { echo "$(MUSL_CC) is not installed: the package is musl-tools (Debian, Ubuntu), musl-gcc (Fedora) or musl (Arch)" >&2; exit 1; }
	@mkdir -p $(@D)
	$(MUSL_CC) $(LAUNCHER_CFLAGS) $(LAUNCHER_LDFLAGS) -o $@.new $(LAUNCHER_SOURCES)
	@! readelf -lW $@.new | grep -q INTERP || { echo "$@ is not static" >&2; exit 1; }
	@mv $@.new $@
