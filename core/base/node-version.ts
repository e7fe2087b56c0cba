/** The oldest Node.js that the programs run on; package.json says the same. */
const OLDEST = [20, 20]

/**
 * Why the programs can't run here, in one sentence, or undefined when they can. `versions`: of `process.versions`, where other runtimes
 * that pass for Node name themselves.
 */
export function runtimeFault(versions: Readonly<Record<string, string | undefined>>): string | undefined {
  const needs = `needs Node.js >= ${OLDEST.join(".")}`
  for (const name of ["bun", "deno"])
    if (versions[name] !== undefined) return `${needs}; this is ${name} ${versions[name]}`
  const [major = 0, minor = 0] = String(versions["node"]).split(".").map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined
  return `${needs}; this is ${versions["node"]}`
}

/** Ends the program `name` with status 2 where it can't run. */
export function requireRuntime(name: string): void {
  const fault = runtimeFault(process.versions)
  if (fault === undefined) return
  // biome-ignore lint/suspicious/noConsole: nothing else is known to be there
  console.error(`${name} ${fault}`)
  process.exit(2)
}
