import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const CORE = fileURLToPath(new URL("..", import.meta.url))
const FOLDERS = ["client", "document", "hashing", "library", "store", "upload"]
const THROWN = /(?:Store|Command)Error\(\s*(?:\/\/[^\n]*\s*)?(?:\w[^"\n]*\? )?"(\w+)"/g

/** Codes of the errors that a document can fail with, read from the sources. */
export function failureCodes(): readonly string[] {
  const thrown = FOLDERS.flatMap(sourcesIn).flatMap((path) => codesIn(path, THROWN))
  const ofDisk = codesIn("store/disk-errors.ts", /\bcode: "(\w+)"/g)
  return [...new Set([...thrown, ...ofDisk])].toSorted()
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(join(CORE, folder), { recursive: true, encoding: "utf8" })
  return names.filter((name) => /(?<!\.test)\.ts$/.test(name)).map((name) => join(folder, name))
}

function codesIn(path: string, pattern: RegExp): string[] {
  return [...readFileSync(join(CORE, path), "utf8").matchAll(pattern)].map(([, code]) => code ?? "")
}
