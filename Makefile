# The menu:
#   make demo               shows the main job, on a fresh machine too
#   make test               everything that is tested; TESTS="test/unit/repo" only some of it
#                           ENGINES=all runs every contract on docker too
#   make build              dist/ and bin/: qpod works from the checkout, without installing
#   make lint               style, types, and the order of the rooms
#   make bench              DESIGN's budget table, measured; ROWS="redirect" only some of it
#   make load               much of everything: docs/load.md; LOAD_SECONDS of building, an hour by itself
#   make suites             test suites of other projects, without qpod and in a session
#   make fidelity           docs/fidelity.md: qpod beside native, podman exec, distrobox, toolbox; COLUMN=, ROW=
#   make elsewhere          docs/elsewhere.md: qpod on Debian's releases with their own kernels, in virtual machines; WHERE=
#   make fuzz               the native readers, FUZZ_SECONDS each
#   make install uninstall  PREFIX=/usr/local
#   make clean              removes all that the others made

PREFIX ?= /usr/local
DESTDIR ?=
NODE ?= node
BIN := node_modules/.bin
TESTS ?=

.DEFAULT_GOAL := build
.PHONY: build lint test install uninstall clean man

include native/native.mk
include native/launcher.mk
include bench/bench.mk
include test/load/load.mk
include test/suites/suites.mk
include test/fidelity/fidelity.mk
include test/elsewhere/elsewhere.mk
-include examples/demo/demo.mk

build: node_modules/.ready native-preload native-launcher dist/main.js dist/types/index.d.ts bin/qpod bin/qpod-shell

node_modules/.ready: package.json package-lock.json
	npm install --ignore-scripts --no-save --no-fund --no-audit --no-update-notifier --loglevel=error
	@touch $@

# The one library that is compiled here, with g++, python3 and Node's headers. Only tests need it.
node_modules/.terminal: node_modules/.ready
	npm rebuild --loglevel=error node-pty
	@touch $@

dist/main.js: node_modules/.ready build.mjs package.json scripts/check-imports.mjs scripts/write-help.mjs scripts/write-compiled.mjs scripts/keep-compiled.cjs $(shell find src -name '*.ts') \
		| native-preload native-launcher
	$(NODE) scripts/check-imports.mjs
	$(NODE) build.mjs

# For who imports the library in TypeScript.
dist/types/index.d.ts: node_modules/.ready scripts/write-types.mjs $(shell find src -name '*.ts')
	$(NODE) scripts/write-types.mjs
	@touch $@

# One static program stands in front: it becomes the command that it runs.
bin/qpod bin/qpod-shell: dist/native/qpod-launch
	@mkdir -p bin
	ln -sfn ../dist/native/qpod-launch $@

lint: node_modules/.ready
	$(NODE) scripts/check-imports.mjs
	$(BIN)/tsc -p .
	$(NODE) scripts/make-man.mjs --check
	$(BIN)/biome check --error-on-warnings .

test: build lint node_modules/.terminal
	$(NODE) scripts/run-tests.mjs $(TESTS)

man: node_modules/.ready
	$(NODE) scripts/make-man.mjs

install: build
	install -d $(DESTDIR)$(PREFIX)/lib/qpod/native $(DESTDIR)$(PREFIX)/lib/qpod/schema $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	cp -R dist/main.js dist/explain.js dist/start-pod.js dist/whole dist/package.json dist/libraries dist/library dist/types dist/help $(DESTDIR)$(PREFIX)/lib/qpod/
	install -m 755 dist/native/qpod-launch $(DESTDIR)$(PREFIX)/lib/qpod/native/
	install -m 644 dist/native/libqpod*.so $(DESTDIR)$(PREFIX)/lib/qpod/native/
	install -m 644 schema/*.json $(DESTDIR)$(PREFIX)/lib/qpod/schema/
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	ln -sfn ../lib/qpod/native/qpod-launch $(DESTDIR)$(PREFIX)/bin/qpod
	ln -sfn ../lib/qpod/native/qpod-launch $(DESTDIR)$(PREFIX)/bin/qpod-shell

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/lib/qpod
	rm -f $(DESTDIR)$(PREFIX)/bin/qpod $(DESTDIR)$(PREFIX)/bin/qpod-shell $(DESTDIR)$(PREFIX)/share/man/man1/qpod*.1

clean:
	if [ -x examples/demo/clean ]; then examples/demo/clean; fi
	rm -rf dist bin build test/tmp node_modules
