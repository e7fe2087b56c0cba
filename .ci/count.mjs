// Adds up the test reports named on the command line, in the form that CI reads. Anything but "all passed" is a failure.
import { readFileSync } from "node:fs"

let passed = 0
let failed = 0
let skipped = 0
for (const path of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(path, "utf8"))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
if (failed > 0 || skipped > 0 || passed === 0) process.exitCode = 1
