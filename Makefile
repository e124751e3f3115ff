# The menu:  make demo   shows the main job on a fresh machine
#            make test   everything that is tested
#            make build | lint | bench | fuzz | install | uninstall | clean

PREFIX ?= /usr/local
NODE ?= node
BIN := node_modules/.bin

.DEFAULT_GOAL := build
.PHONY: build lint test demo bench fuzz install uninstall clean

include native/native.mk
include native/launcher.mk

build: node_modules/.ready native-preload native-launcher dist/main.js bin/qpod bin/qpod-shell

node_modules/.ready: package.json package-lock.json
	npm install --no-save --no-fund --no-audit --loglevel=error
	@touch $@

dist/main.js: node_modules/.ready build.mjs package.json $(shell find src -name '*.ts')
	@rm -rf dist/chunks
	$(NODE) build.mjs

# One static program stands in front: it becomes the command that it runs.
bin/qpod bin/qpod-shell: dist/native/qpod-launch
	@mkdir -p bin
	ln -sfn ../dist/native/qpod-launch $@
