# `make fidelity` writes docs/fidelity.md; COLUMN="embedded" or ROW="Ctrl" shows only some of it, and writes nothing.

COLUMN ?=
ROW ?=
# As deep as the modules in it, some of which look for files beside themselves.
FIDELITY_MAIN := test/tmp/fidelity.mjs

.PHONY: fidelity
fidelity: build node_modules/.terminal
	@mkdir -p test/tmp
	$(BIN)/esbuild test/fidelity/main.ts --bundle --platform=node --format=esm --external:node-pty --log-level=warning --outfile=$(FIDELITY_MAIN)
	$(NODE) $(FIDELITY_MAIN) $(if $(COLUMN)$(ROW),,--out docs/fidelity.md) $(if $(COLUMN),--columns "$(COLUMN)") $(if $(ROW),--rows "$(ROW)")
