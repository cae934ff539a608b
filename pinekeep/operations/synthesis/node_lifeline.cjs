// Loaded by Node before the CDK command line (pinekeep.operations.synthesis.child): it ends when whoever started it does, however hard.
//
// The other end of the standard input is held by the parent alone. The system closes it with the parent, also where a
// kill -9 leaves it no time for anything. Listening keeps nothing running: the input is not waited for at the end.
process.stdin.on('error', () => process.exit(1));
process.stdin.on('end', () => process.exit(1));
process.stdin.resume();
process.stdin.unref();
