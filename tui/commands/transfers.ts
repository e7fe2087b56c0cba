import type { DownloadResult } from "../../core/index.js"
import { formatBytes } from "../base/format.js"
import { doneFilesWords, emptyFoldersLines } from "../words/folder-words.js"
import { foundWords } from "../words/found-words.js"
import type { Command } from "./command.js"
import type { Report } from "./report.js"
import { ONLY } from "./select.js"

export const upload: Command = {
  name: "upload",
  arguments: [
    { name: "path_to_file", kind: "file" },
    { name: "path_to_torrent", kind: "target" },
  ],
  flags: [
    {
      name: "--open",
      summary: "not private: plain BitTorrent, which any client can join and any observer of the network can read",
    },
  ],
  summary: "share a file or a folder, privately unless --open: write its torrent file and serve it",
  async run(given, { client, report, workSignal }) {
    const file = given.required("path_to_file")
    const request = { file, torrent: given.required("path_to_torrent"), open: given.has("--open") }
    const { id, torrentPath, open, isNew, emptyFolders } = await client.upload(request, { signal: workSignal })
    report({
      event: "upload_completed",
      lines: [
        ...emptyFoldersLines(emptyFolders),
        `${file}: described by ${torrentPath}${isNew ? "" : " already"} (${open ? "open" : "private"}, ${id})`,
        "SUCCESSFUL UPLOAD",
      ],
      fields: { message: "SUCCESSFUL UPLOAD", id, torrent: torrentPath, open, empty_folders: emptyFolders },
      newDocument: id,
      isCompletion: true,
    })
  },
}

export const download: Command = {
  name: "download",
  arguments: [
    { name: "path_to_torrent", kind: "torrent" },
    { name: "path_to_file", kind: "target", optional: true },
  ],
  flags: [ONLY],
  summary: "download what a torrent file (or a standard .torrent) describes, or resume its download",
  async run(given, { client, report, follow, signal }) {
    const torrent = given.required("path_to_torrent")
    const file = given.optional("path_to_file")
    const only = given.has("--only") ? { only: given.values("--only") } : {}
    const handle = await client.download({ torrent, ...(file !== undefined && { file }), ...only }, { signal })
    const { reusedParts, partCount } = handle.found
    const found = foundWords(handle.found)
    report({
      event: "download_started",
      lines: [`${torrent}: ${found}`],
      fields: { id: handle.id, torrent, found, reused_parts: reusedParts, parts: partCount },
      newDocument: handle.id,
    })
    follow(handle)
  },
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
  }
}
