import { readFileSync } from "node:fs"

/** One input that once was read wrongly, here or in another client, or that is as near as can be to one that was. */
interface Finding {
  readonly what: string
  /** Its bytes, in one of two writings. */
  readonly hex?: string
  readonly text?: string
}

/**
 * The inputs of `core/testing/corpus/<area>.json`, to be replayed before any random ones (fast-check's `examples`). Add newly
 * found inputs there, with a word on what each is.
 */
export function corpus(area: string): Uint8Array[] {
  const findings = JSON.parse(
    readFileSync(new URL(`./corpus/${area}.json`, import.meta.url), "utf8"),
  ) as readonly Finding[]
  return findings.map(({ hex, text }) => Uint8Array.from(hex === undefined ? Buffer.from(text ?? "") : fromHex(hex)))
}

/** The same, as texts. */
export function corpusTexts(area: string): string[] {
  return corpus(area).map((bytes) => Buffer.from(bytes).toString())
}

/** Spaces may stand between the fields. */
function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex")
}
