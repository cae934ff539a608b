// Loaded by Node before aws-cdk-lib, through NODE_OPTIONS (pinekeep.operations.synthesis.toolchain.prepare_synth).
//
// The template validation is WebAssembly. V8 compiles what runs often a second time, optimizing, in the background;
// a synth is over before that pays, and the process cannot end while such a compilation runs. One of them takes
// about half a second and a hundred megabytes. A hundred times the usual budget keeps it for runs that are long.
require('node:v8').setFlagsFromString('--wasm-tiering-budget=1300000000');

// Ctrl-C reaches every process of the terminal, and a pipeline may send SIGTERM to all of them. Node is to end when Python does, which closes its input, and not
// before: Python would complain of a broken pipe while it ends. Other programs on Node keep their own way.
if (process.env.JSII_AGENT) {
  const asked = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const each of asked) process.on(each, () => {});
  // The runtime's own listener would end its child a moment later, while Python still tidies up.
  const on = process.on;
  process.on = function (event, listener) {
    return asked.includes(event) ? this : on.call(this, event, listener);
  };
}
