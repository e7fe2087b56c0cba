import { FOREIGN_NAMES, type ForeignName } from "../e2e/foreign-defaults.js"

export const FOREIGN_USAGE = `usage: npm run foreign [-- [MiB] [${FOREIGN_NAMES.join("|")}]…]`
const DEFAULT_MEBIBYTES = 512

export interface ForeignArguments {
  readonly mebibytes: number
  readonly names: readonly ForeignName[]
}

/** Reads what follows `npm run foreign`: a size in MiB that may be left out, and names; no name means all. Throws for any other word. */
export function parseForeignArguments(words: readonly string[]): ForeignArguments {
  const [first = ""] = words
  const hasSize = /^[1-9]\d*$/.test(first)
  const names = (hasSize ? words.slice(1) : words).map(parseName)
  return { mebibytes: hasSize ? Number(first) : DEFAULT_MEBIBYTES, names: names.length > 0 ? names : FOREIGN_NAMES }
}

function parseName(word: string): ForeignName {
  const name = FOREIGN_NAMES.find((each) => each === word)
  if (name === undefined) throw new Error(`"${word}" is neither a size in whole MiB nor a client's name`)
  return name
}
