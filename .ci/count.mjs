// count.mjs <report>…: adds up test reports, in the form that CI reads. Anything but "all passed" is a failure.
// count.mjs --failed <report>: names the test files that failed.
// A report is <report>.json as vitest writes it, and <report>.again.json if its failed files ran once more.
import { existsSync, readFileSync } from "node:fs"
import { relative } from "node:path"

const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).testResults : [])
const hasFailed = ({ status }) => status === "failed"

/** How the tests of a file ended, by their names: a table may have two rows of one name. */
function outcomesOf(file) {
  const outcomes = new Map()
  for (const { ancestorTitles, title, status } of file?.assertionResults ?? []) {
    let name = [...ancestorTitles, title].filter((part) => part !== "").join(" > ")
    while (outcomes.has(name)) name += " (another of this name)"
    outcomes.set(name, status)
  }
  return outcomes
}

const counts = { passed: 0, failed: 0, skipped: 0 }
const unstable = []

/** `again`: the same file in its second run. A test that has failed and passed counts as passed, and is named. */
function add(file, again) {
  const path = relative(process.cwd(), file.name)
  const [first, second] = [outcomesOf(file), outcomesOf(again)]
  for (const name of new Set([...first.keys(), ...second.keys()])) {
    const outcomes = [first.get(name), second.get(name)]
    const [passed, failed] = [outcomes.includes("passed"), outcomes.includes("failed")]
    if (passed && failed) unstable.push(`${path} > ${name}`)
    counts[passed ? "passed" : failed ? "failed" : "skipped"]++
  }
  // An import, or a hook for all tests of the file.
  if (!hasFailed(file) || file.assertionResults.some(hasFailed)) return
  if (again && !hasFailed(again)) unstable.push(`${path} > (outside of its tests)`)
  else counts.failed++
}

const [mode, ...rest] = process.argv.slice(2)
if (mode === "--failed") {
  for (const { name } of read(`${rest[0]}.json`).filter(hasFailed)) process.stdout.write(`${name}\n`)
} else {
  for (const report of [mode, ...rest]) {
    const again = read(`${report}.again.json`)
    const files = read(`${report}.json`)
    for (const file of files)
      add(
        file,
        again.find(({ name }) => name === file.name),
      )
    // The run has ended before its time.
    if (files.length === 0) counts.failed++
  }
  for (const name of unstable) process.stdout.write(`unstable: ${name}\n`)
  process.stdout.write(`${unstable.length} unstable\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  if (counts.failed > 0 || counts.skipped > 0) process.exitCode = 1
}
