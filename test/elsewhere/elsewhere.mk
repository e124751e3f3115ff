# `make elsewhere` writes docs/elsewhere.md: qpod on other systems and kernels, each in a virtual machine of its own.
# Needs root, mmdebstrap, e2fsprogs, openssh-client and qemu-system-x86, and a mirror of Debian's the first time.
# WHERE="bullseye" tries only some of it, beside what was found before; MACHINE_SECONDS ends a column that takes longer.

WHERE ?=
MACHINE_SECONDS ?= 3600

.PHONY: elsewhere
elsewhere: build
	@mkdir -p test/tmp
	$(BIN)/esbuild test/elsewhere/main.ts --bundle --platform=node --format=esm --log-level=warning --outfile=test/tmp/elsewhere.mjs
	WHERE="$(WHERE)" MACHINE_SECONDS=$(MACHINE_SECONDS) $(NODE) test/tmp/elsewhere.mjs
