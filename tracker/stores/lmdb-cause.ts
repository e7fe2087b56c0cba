import { getSystemErrorName } from "node:util"

/** The kind of a disk failure, in a word: LMDB gives errno or a number of its own, below 0, or none. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown"
  const { code } = error as { readonly code?: unknown }
  if (typeof code !== "number") return typeof code === "string" ? code : error.name
  return code > 0 ? getSystemErrorName(-code) : `LMDB ${code}`
}
