// keep-compiled.cjs PROGRAM [ARGUMENT]...: runs a program of ours, and writes beside each of its scripts what V8 compiled.
const { writeFileSync } = require("node:fs");
const vm = require("node:vm");

const scripts = [];
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.push({ script: this, filename: options.filename });
  }
};
process.on("exit", () => {
  for (const { script, filename } of scripts) writeFileSync(filename.replace(/\.js$/, ".v8"), script.createCachedData());
});
process.argv.splice(1, 1);
require(require("node:path").resolve(process.argv[1]));
