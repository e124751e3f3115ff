# The main job, shown on this machine. Everything it makes is below build/demo.

.PHONY: demo
demo:
	@scripts/install-prerequisites
	@$(MAKE) --no-print-directory build
	@examples/demo/run
