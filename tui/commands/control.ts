import { type Client, type DocumentSnapshot, type JobSnapshot, MAX_FILE_ROWS } from "../../core/index.js"
import { formatPercent } from "../base/format.js"
import { somePartsWords } from "../words/parts-words.js"
import { progressOf } from "../words/wanted-words.js"
import type { ArgumentSpec, Command } from "./command.js"

const DOCUMENT: ArgumentSpec = { name: "document", kind: "document" }

export const pause: Command = {
  name: "pause",
  arguments: [DOCUMENT],
  flags: [],
  summary: 'stop all transfers of a document, or the hashing of a file ("all" for every one); its bytes stay',
  async run(given, { client, report, signal }) {
    for (const target of targetsNamed(client, given.required("document"))) {
      await client.pause(target.id, { signal })
      const isLogged = client.snapshot().documents.some(({ id }) => id === target.id)
      report({ ...controlReport("paused", target, "paused"), isLogged })
    }
  },
}

export const resume: Command = {
  name: "resume",
  arguments: [DOCUMENT],
  flags: [],
  summary: 'continue a paused document, or the hashing of a file ("all" for every one)',
  async run(given, { client, report, signal }) {
    for (const target of targetsNamed(client, given.required("document"))) {
      await client.resume(target.id, { signal })
      report(controlReport("resumed", target, "resumed"))
    }
  },
}

export const recheck: Command = {
  name: "recheck",
  arguments: [DOCUMENT],
  flags: [],
  summary: "hash what is on disk again; what is damaged is fetched again",
  async run(given, { client, report, signal }) {
    for (const document of documentsNamed(client, given.required("document"))) {
      await client.recheck(document.id, { signal })
      const now = client.snapshot().documents.find((candidate) => candidate.id === document.id) ?? document
      const { haveBytes, totalBytes, haveCount, partCount } = progressOf(now)
      const found = `checked, ${formatPercent(haveBytes, totalBytes)} good (${somePartsWords(haveCount, partCount)})`
      const damaged = damagedFiles(client, now)
      const fields = { have_parts: haveCount, parts: partCount, damaged_files: damaged }
      const files = damaged.length === 0 ? "" : `; damaged: ${damaged.join(", ")}`
      report(controlReport("rechecked", now, found + files, fields))
    }
  },
}

/** Files that a report names. Our choice. */
const NAMED_FILES = 5

/** Of a folder, the first files that are wanted and not whole. */
function damagedFiles(client: Client, document: DocumentSnapshot): readonly string[] {
  const { haveCount, partCount } = progressOf(document)
  if (!document.isFolder || haveCount === partCount) return []
  const damaged: string[] = []
  for (let from = 0; damaged.length < NAMED_FILES; from += MAX_FILE_ROWS) {
    const page = client.files(document.id, { sort: "done", from, count: MAX_FILE_ROWS })
    // Also of files that are not wanted; whole files come last.
    const rows = page?.rows.filter(({ doneBytes, size }) => doneBytes < size) ?? []
    damaged.push(...rows.filter(({ wanted }) => wanted).map(({ path }) => path))
    if (rows.length < MAX_FILE_ROWS) break
  }
  return damaged.slice(0, NAMED_FILES)
}

export const remove: Command = {
  name: "remove",
  arguments: [DOCUMENT],
  flags: [
    { name: "--discard", summary: "also delete the bytes of an unfinished download; a finished file always stays" },
  ],
  summary: "forget a document, or stop the hashing of a file; no bytes are deleted",
  async run(given, { client, report, signal }) {
    const job = jobNamed(client, given.required("document"))
    if (job !== undefined) {
      client.cancel(job.id)
      const lines = [`${job.name}: hashing cancelled, it is not shared`]
      return report({ event: "hashing_cancelled", lines, fields: { name: job.name } })
    }
    const document = client.find(given.required("document"))
    const discardUnfinished = given.has("--discard")
    const { discarded } = await client.remove(document.id, { discardUnfinished, signal })
    const words = discarded ? "removed, unfinished bytes deleted" : "removed, its bytes stay"
    report({ ...controlReport("removed", document, words, { discarded }), isLogged: !discarded })
  },
}

/** What is hashed for an upload, by its id or its name; a document of that name comes first. */
function jobNamed(client: Client, word: string): JobSnapshot | undefined {
  const { documents, jobs } = client.snapshot()
  if (documents.some(({ name }) => name === word)) return undefined
  return jobs.find(({ id, name }) => id === word || name === word)
}

function documentsNamed(client: Client, word: string): readonly DocumentSnapshot[] {
  return word === "all" ? client.snapshot().documents : [client.find(word)]
}

/** Documents, and what is hashed for an upload. */
function targetsNamed(client: Client, word: string): readonly Target[] {
  const { documents, jobs } = client.snapshot()
  if (word === "all") return [...documents, ...jobs]
  return [jobNamed(client, word) ?? client.find(word)]
}

type Target = Pick<DocumentSnapshot, "id" | "name">

function controlReport(event: string, document: Target, words: string, fields: Record<string, unknown> = {}) {
  return { event, lines: [`${document.name}: ${words}`], fields: { id: document.id, name: document.name, ...fields } }
}
