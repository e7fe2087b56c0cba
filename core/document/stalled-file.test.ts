import { expect, it } from "vitest"
import type { WhyFacts } from "../api/why.js"
import { fileEntry } from "../testing/folder-entries.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths } from "../torrent/lengths.js"
import { withFile } from "./stalled-file.js"

const files = FolderLayout.of([
  fileEntry("empty", 0),
  fileEntry("a", 150),
  fileEntry("pad", 50, true),
  fileEntry("b/\u001b[2J", 30),
  fileEntry("c", 30),
])
const lengths = createLengths(files.sizeBytes, 100)
const tracker = {
  url: "http://t",
  kind: "remote",
  state: "unasked",
  answeredAtMs: undefined,
  problem: undefined,
} as const
const noPeerHas = (firstMissing: number): WhyFacts => ({
  ...{ code: "no_peer_has", missingParts: 1, firstMissing, connectedPeers: 1, banned: undefined, tracker },
})
const named = (part: number, wanted?: FileSelection) => withFile(noPeerHas(part), { files, wanted, lengths })

it.each([
  [0, "a"],
  [1, "a"],
  [2, "b/\uFFFD[2J"],
])("part %i that no peer has is named with a file of it", (part, path) => {
  expect(named(part)).toEqual({ ...noPeerHas(part), file: path })
})

it("the file is a wanted one", () => {
  expect(named(2, new FileSelection(files, (index) => index === 4))).toMatchObject({ file: "c" })
})

it("a single file, and a reason that names no part, stay as they are", () => {
  expect(withFile(noPeerHas(0), { files: undefined, wanted: undefined, lengths })).toEqual(noPeerHas(0))
  const other: WhyFacts = { code: "waiting_for_bytes", peers: 1 }
  expect(withFile(other, { files, wanted: undefined, lengths })).toBe(other)
  expect(withFile(undefined, { files, wanted: undefined, lengths })).toBeUndefined()
})
