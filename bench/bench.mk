# `make bench` prints DESIGN's budget table; `make bench ROWS="redirect build"` only these rows of it.

BENCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror
ROWS ?=
# As deep as the modules in it, some of which look for files beside themselves.
BENCH_MAIN := test/tmp/bench.mjs

.PHONY: bench
bench: build dist/bench/take-turns dist/bench/nothing dist/bench/empty.so dist/bench/spawn-cost
	$(BIN)/esbuild bench/main.ts --bundle --platform=node --format=esm --target=node20 --log-level=warning --outfile=$(BENCH_MAIN)
	$(BIN)/esbuild bench/support/spawn-ways.ts --bundle --platform=node --format=esm --log-level=warning \
		--banner:js='import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);' \
		--outfile=test/tmp/bench-spawn-ways.mjs
	$(NODE) $(BENCH_MAIN) $(ROWS)

dist/bench/spawn-cost: bench/native/spawn-cost.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $<

# Dynamic, since it is also the caller that the preload library is loaded into.
dist/bench/take-turns: bench/native/take-turns.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $<

dist/bench/nothing: bench/native/nothing.c
	@mkdir -p $(@D)
	$(MUSL_CC) $(BENCH_CFLAGS) -static -s -o $@ $<

# Linked as the preload library is.
dist/bench/empty.so: bench/native/empty.c native/native.mk
	@mkdir -p $(@D)
	$(CC) $(PRELOAD_CFLAGS) $(PRELOAD_LDFLAGS) -o $@ $<
