import type { FileChoice } from "../../core/index.js"
import { wantedFilesWords } from "../words/wanted-words.js"
import type { Arguments } from "./arguments.js"
import type { Command, FlagSpec } from "./command.js"
import { CommandLineError } from "./command-line-error.js"

export const ONLY: FlagSpec = {
  name: "--only",
  value: "glob",
  isRepeatable: true,
  summary: 'of a folder only the files that match, such as "train/**"; may be repeated',
}

const CHANGES = ["--add", "--drop"] as const

export const select: Command = {
  name: "select",
  arguments: [{ name: "document", kind: "document" }],
  flags: [
    ONLY,
    { name: "--add", value: "glob", isRepeatable: true, summary: "these files, too" },
    { name: "--drop", value: "glob", isRepeatable: true, summary: "no longer these files" },
    { name: "--all", summary: "every file" },
    {
      name: "--literal",
      summary: 'of --add and --drop: no patterns, but paths of files and folders; "." is all of them',
    },
    {
      name: "--holding",
      value: "text",
      summary: "of --add and --drop: only files with this in their path, in any case",
    },
  ],
  summary: "choose which files of a folder are downloaded, during the download or after it",
  async run(given, { client, report, signal }) {
    const choice = choiceOf(given)
    const { id } = client.find(given.required("document"))
    await client.select(id, choice, { signal })
    const now = client.find(id)
    const { selection, name, fileCount } = now
    report({
      event: "selected",
      lines: [`${name}: ${wantedFilesWords(now)} wanted`],
      fields: {
        ...{ id, name, only: given.values("--only"), add: given.values("--add"), drop: given.values("--drop") },
        ...{ files: selection?.wantedFiles ?? fileCount, of_files: fileCount },
      },
    })
  },
}

/** Undefined: every file. */
function choiceOf(given: Arguments): FileChoice | undefined {
  const [flag, second] = ["--only", "--all", ...CHANGES].filter((each) => given.has(each))
  if (flag === undefined || second !== undefined)
    throw new CommandLineError(
      "missing_argument",
      "one of --only, --add, --drop and --all says which files are wanted",
      (second === undefined ? undefined : given.value(second)?.span) ?? given.word("document")?.span,
    )
  const refined = ["--literal", "--holding"].find((each) => given.has(each))
  if (refined !== undefined && flag !== "--add" && flag !== "--drop")
    throw new CommandLineError("bad_argument", `${refined} belongs to --add and --drop`, given.value(refined)?.span)
  if (flag === "--all") return undefined
  if (flag === "--only") return { only: given.values(flag) }
  const holding = given.value("--holding")?.text
  const named = { names: given.values(flag), isLiteral: given.has("--literal"), ...(holding && { holding }) }
  return flag === "--add" ? { add: named } : { drop: named }
}
