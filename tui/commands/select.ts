import { wantedFilesWords } from "../words/wanted-words.js"
import type { Command, FlagSpec } from "./command.js"
import { CommandLineError } from "./command-line-error.js"

export const ONLY: FlagSpec = {
  name: "--only",
  value: "glob",
  isRepeatable: true,
  summary: 'of a folder only the files that match, such as "train/**"; may be repeated',
}

export const select: Command = {
  name: "select",
  arguments: [{ name: "document", kind: "document" }],
  flags: [ONLY, { name: "--all", summary: "every file" }],
  summary: "choose which files of a folder are downloaded, during the download or after it",
  async run(given, { client, report, signal }) {
    const only = given.values("--only")
    if (given.has("--all") === given.has("--only"))
      throw new CommandLineError(
        "missing_argument",
        "either --only or --all says which files are wanted",
        given.word("document")?.span,
      )
    const { id } = client.find(given.required("document"))
    await client.select(id, given.has("--all") ? undefined : { only }, { signal })
    const now = client.find(id)
    const { selection, name, fileCount } = now
    report({
      event: "selected",
      lines: [`${name}: ${wantedFilesWords(now)} wanted`],
      fields: { id, name, only, files: selection?.wantedFiles ?? fileCount, of_files: fileCount },
    })
  },
}
