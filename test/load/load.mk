# `make load` writes docs/load.md: what happens under much of everything, and what is left behind. An hour of it is the
# build loop; LOAD_SECONDS=600 makes it shorter.

LOAD_SECONDS ?= 3600
# As deep as the modules in it, some of which look for files beside themselves.
LOAD_MAIN := test/tmp/load.mjs

.PHONY: load
load: build
	@mkdir -p test/tmp
	$(BIN)/esbuild test/load/main.ts --bundle --platform=node --format=esm --log-level=warning --outfile=$(LOAD_MAIN)
	rm -f test/tmp/load.jsonl
	LOAD_PAGE=docs/load.md LOAD_RESULTS=test/tmp/load.jsonl LOAD_SECONDS=$(LOAD_SECONDS) nice -n 19 $(NODE) $(LOAD_MAIN)
