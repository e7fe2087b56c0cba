import {
  type Client,
  CommandError,
  type DownloadHandle,
  type DownloadResult,
  type FoundOnDisk,
  isLink,
} from "../../core/index.js"
import { formatBytes } from "../base/format.js"
import { doneFilesWords, emptyFoldersLines } from "../words/folder-words.js"
import { foundWords } from "../words/found-words.js"
import type { Command } from "./command.js"
import { REPAIR } from "./repair.js"
import type { Report } from "./report.js"
import { ONLY } from "./select.js"

export const upload: Command = {
  name: "upload",
  arguments: [
    { name: "path_to_file", kind: "file" },
    { name: "path_to_torrent", kind: "target", optional: true },
  ],
  flags: [
    {
      name: "--open",
      summary: "not private: plain BitTorrent, which any client can join and any observer of the network can read",
    },
  ],
  summary: "share a file or a folder, privately unless --open: write its torrent file, print its link, and serve it",
  async run(given, { client, report, workSignal }) {
    const file = given.required("path_to_file")
    const torrent = given.optional("path_to_torrent")
    const request = { file, ...(torrent !== undefined && { torrent }), open: given.has("--open") }
    const { id, torrentPath, open, isNew, emptyFolders, link } = await client.upload(request, { signal: workSignal })
    report({
      event: "upload_completed",
      lines: [
        ...emptyFoldersLines(emptyFolders),
        `${file}: shared${isNew ? "" : " already"}; ${torrentWords(torrentPath, open)} (${open ? "open" : "private"}, ${id})`,
        "SUCCESSFUL UPLOAD",
      ],
      fields: { message: "SUCCESSFUL UPLOAD", id, torrent: torrentPath, open, empty_folders: emptyFolders, link },
      link,
      newDocument: id,
      isCompletion: true,
      isLogged: true,
    })
  },
}

/** The torrent file of a private document holds its key. */
function torrentWords(path: string, open: boolean): string {
  return open ? `its torrent file is ${path}` : `give ${path} to those who may have it`
}

export const download: Command = {
  name: "download",
  arguments: [
    { name: "torrent_or_link", kind: "torrent" },
    { name: "path_to_file", kind: "target", optional: true },
  ],
  flags: [ONLY, REPAIR],
  summary: "download what a torrent file, a .torrent or a link stands for, or resume it; - reads the link from stdin",
  async run(given, { client, report, follow, signal }) {
    const torrent = given.required("torrent_or_link")
    const file = given.optional("path_to_file")
    if (torrent === "-") throw new CommandError("bad_argument", FROM_STDIN)
    const only = given.has("--only") ? { only: given.values("--only") } : {}
    const wish = { ...(file !== undefined && { file }), ...only, ...(given.has(REPAIR.name) && { repair: true }) }
    const handle = await client.download({ torrent, ...wish }, { signal })
    report(startedReport(handle, torrent, client))
    follow(handle)
  },
}

const FROM_STDIN = 'the link is read from standard input by a single command from a shell only: "p2p-tui download -"'

/** A link is never part of it: that of a private document is its key. */
function startedReport({ id, found }: DownloadHandle, given: string, client: Client): Report {
  const torrent = isLink(given) ? null : given
  const words = found === undefined ? "its description is fetched from peers" : foundWords(found)
  const name = torrent ?? client.snapshot().documents.find((document) => document.id === id)?.name ?? id
  return {
    event: "download_started",
    lines: [`${name}: ${words}`],
    fields: { id, torrent, found: words, reused_parts: found?.reusedParts ?? null, parts: found?.partCount ?? null },
    newDocument: id,
    whileDownloading: id,
  }
}

/** The description of a link's document has come: how the download goes on. */
export function describedReport(id: string, name: string, found: FoundOnDisk): Report {
  const words = foundWords(found)
  const { reusedParts, partCount } = found
  return {
    event: "download_described",
    lines: [`${name}: its description has come; ${words}`],
    fields: { id, name, found: words, reused_parts: reusedParts, parts: partCount },
    whileDownloading: id,
    isLogged: true,
  }
}

/** Named so because `export` is a word of the language. */
export const exportMetainfo: Command = {
  name: "export",
  arguments: [
    { name: "path_to_torrent", kind: "torrent" },
    { name: "path_to_metainfo", kind: "target" },
  ],
  flags: [],
  summary: "write a standard .torrent file of an open document, for any BitTorrent client",
  async run(given, { client, report, signal }) {
    const [torrent, metainfo] = [given.required("path_to_torrent"), given.required("path_to_metainfo")]
    const written = await client.export(torrent, metainfo, { signal })
    report({ event: "exported", lines: [`written to ${written}`], fields: { metainfo: written } })
  },
}

/** The report of the end of a download. */
export function downloadCompleted(result: DownloadResult): Report {
  const { id, filePath, sizeBytes, fetchedBytes, selected } = result
  const files = selected === undefined ? "" : `${doneFilesWords(selected.files, selected.ofFiles)}, `
  return {
    event: "download_completed",
    lines: [
      `${filePath}: ${files}${formatBytes(sizeBytes)}, all parts checked, ${formatBytes(fetchedBytes)} fetched`,
      "SUCCESSFUL DOWNLOAD",
    ],
    fields: {
      ...{ message: "SUCCESSFUL DOWNLOAD", id, file: filePath, size_bytes: sizeBytes, fetched_bytes: fetchedBytes },
      ...(selected && { files: selected.files, of_files: selected.ofFiles }),
    },
    isCompletion: true,
    isLogged: true,
  }
}
