import { readFileSync } from "node:fs"

/** The version in package.json, two folders above the compiled file. */
export function versionText(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  const parsed: unknown = JSON.parse(text)
  const version = typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined
  return `p2p-tui ${String(version)}\n`
}
