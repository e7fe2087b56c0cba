/** The environment of a process, as far as it is looked at. */
type Environment = Readonly<Record<string, string | undefined>>

/**
 * Does the terminal show UTF-8? By the variable that decides in the C library: the first of the three that is set and not empty
 * (POSIX, "Environment Variables", 8.2). Windows has no such variables, and its terminals show Unicode.
 */
export function isUtf8(environment: Environment, platform: NodeJS.Platform): boolean {
  if (platform === "win32") return true
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => environment[name]).find((value) => (value ?? "") !== "")
  return /utf-?8/i.test(locale ?? "")
}

/** Is it a terminal that can place no cursor? */
export function isDumb(environment: Environment): boolean {
  return environment["TERM"] === "dumb"
}
