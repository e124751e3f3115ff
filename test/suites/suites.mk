# `make suites` runs test suites of other projects without qpod and in a session, and writes docs/suites.md;
# SUITES="Tcl bash" only these. They need a network and packages: tcl, libpython3.11-testsuite.

SUITES ?=
# As deep as the modules in it, some of which look for files beside themselves.
SUITES_MAIN := test/tmp/suites.mjs

.PHONY: suites
suites: build
	$(BIN)/esbuild test/suites/main.ts --bundle --platform=node --format=esm --log-level=warning --outfile=$(SUITES_MAIN)
	$(NODE) $(SUITES_MAIN) $(SUITES)
