import { foundWords } from "../words/found-words.js"
import type { Command, FlagSpec } from "./command.js"

/** Of `download`. */
export const REPAIR: FlagSpec = {
  name: "--repair",
  summary: "a file or folder that is there and differs: keep what is right in it, fetch the rest, then replace it",
}

const YES = "--yes"

export const repair: Command = {
  name: "repair",
  arguments: [{ name: "document", kind: "document" }],
  flags: [{ name: YES, summary: "also a file that was shared from here: changes made to it are lost" }],
  summary: "fetch from peers what is damaged in a finished file, and replace it when all of it is there",
  async run(given, { client, report, follow, signal }) {
    const { id, name } = client.find(given.required("document"))
    const handle = await client.repair(id, { signal, replaceOwn: given.has(YES) })
    const { found } = handle
    report({
      event: "repair_started",
      lines: [`${name}: ${found === undefined ? "is checked" : foundWords(found)}`],
      fields: { id, name, reused_parts: found?.reusedParts ?? null, parts: found?.partCount ?? null },
    })
    follow(handle)
  },
}
