import { describe, expect, it } from "vitest"
import { type BencodeInput, encodeBencode } from "../base/encode-bencode.js"
import { TorrentFileError } from "../base/errors.js"
import { parseMetainfo, parsingMetainfo } from "./parse-metainfo.js"

const text = (bytes: string) => Buffer.from(bytes, "latin1")

function metainfo(files: BencodeInput, more: Record<string, BencodeInput> = {}): Uint8Array {
  const info = { files, name: "folder", "piece length": 2 ** 28, pieces: new Uint8Array(20), ...more }
  return encodeBencode({ announce: "http://tracker.example/announce", info })
}

function read(files: BencodeInput, more: Record<string, BencodeInput> = {}) {
  const { files: layout } = parseMetainfo(metainfo(files, more))
  return Array.from({ length: layout?.entryCount ?? 0 }, (_, index) => layout?.entry(index))
}

function refusalOf(files: BencodeInput): TorrentFileError {
  try {
    parseMetainfo(metainfo(files))
  } catch (error) {
    if (error instanceof TorrentFileError) return error
    throw error
  }
  throw new Error("it was accepted")
}

const plain = { isPadding: false, isExecutable: false }

describe("the files of a standard torrent", () => {
  it("are read with padding, executable bits and empty files, whatever else an entry says", () => {
    const files = [
      { length: 5, path: ["b", "a.txt"], md5sum: "x", mtime: 5 },
      { attr: "p", length: 11, path: [".pad", "11"] },
      { attr: "p", length: 11, path: [".pad", "11"] },
      { attr: "hx", length: 0, path: ["a"] },
      { length: 3, path: ["c", "_____padding_file_0_if you see this file, please update to BitComet 0.85"] },
    ]
    expect(read(files)).toEqual([
      { path: "b/a.txt", sizeBytes: 5, ...plain },
      { path: ".pad/11", sizeBytes: 11, isPadding: true, isExecutable: false },
      { path: ".pad/11", sizeBytes: 11, isPadding: true, isExecutable: false },
      { path: "a", sizeBytes: 0, isPadding: false, isExecutable: true },
      expect.objectContaining({ sizeBytes: 3, isPadding: true }),
    ])
  })

  it("are a folder when there is one [E11]", () => {
    const torrent = parseMetainfo(metainfo([{ length: 5, path: ["a"] }]))
    expect(torrent).toMatchObject({ sizeBytes: 5, name: "folder" })
    expect(torrent.files?.fileCount).toBe(1)
  })

  it("are those of the version 1 half of a hybrid torrent, however deep its tree", () => {
    let tree: Record<string, BencodeInput> = { "": { length: 5, "pieces root": new Uint8Array(32) } }
    for (let level = 0; level < 99; level++) tree = { d: tree }
    const path = Array(99).fill("d")
    expect(read([{ length: 5, path }], { "meta version": 2, "file tree": tree })).toEqual([
      { path: path.join("/"), sizeBytes: 5, ...plain },
    ])
  })

  it("have the names that are UTF-8, where there are others too", () => {
    const files = [{ length: 1, path: [text("\xe4")], "path.utf-8": ["ä"] }]
    expect(read(files)[0]).toMatchObject({ path: "ä" })
    expect(parseMetainfo(metainfo(files, { name: text("\xe4"), "name.utf-8": "ä" })).name).toBe("ä")
    expect(read([{ length: 1, path: [text("\xe4")] }])[0]).toMatchObject({ path: "\ufffd" })
  })

  it("have names that stay in the folder [G1]", () => {
    const paths = [
      [["..", "..", "etc", "passwd"], "__/__/etc/passwd"],
      [["", "abs", "olute"], "abs/olute"],
      [["a/../../b"], "a_.._.._b"],
      [["a\0\u001b[2J\u202e", "."], "a[2J/_"],
      [[".git", "x:y"], ".git/x:y"],
    ] as const
    for (const [path, safe] of paths) expect(read([{ length: 1, path }])[0]).toMatchObject({ path: safe })
  })

  it("are left out when they are symbolic links", () => {
    expect(
      read([
        { attr: "l", length: 0, path: ["l"], "symlink path": ["a"] },
        { length: 1, path: ["a"] },
      ]),
    ).toEqual([{ path: "a", sizeBytes: 1, ...plain }])
  })

  it.each<[string, BencodeInput, string, RegExp]>([
    ["no list [G1]", { a: 1 }, "info.files", /must be a list/],
    ["none [G1]", [], "info.files", /holds no file/],
    ["padding alone [G1]", [{ attr: "p", length: 5, path: ["a"] }], "info.files", /holds no file/],
    ["an entry that is none [G1]", [5], "info.files[0]", /dictionary/],
    ["no length [G1]", [{ path: ["a"] }], "info.files[0].length", /missing/],
    ["a negative length [G1]", [{ length: -1, path: ["a"] }], "info.files[0].length", /got -1/],
    ["no path [G1]", [{ length: 1 }], "info.files[0].path", /list of names/],
    ["a path with a number [G1]", [{ length: 1, path: ["a", 5] }], "info.files[0].path", /list of names/],
    ["a path of which nothing is left [G1]", [{ length: 1, path: ["", "\0"] }], "info.files[0].path", /empty/],
    ["101 levels [G1]", [{ length: 1, path: Array(101).fill("a") }], "info.files[0].path", /101 levels/],
    [
      "more than 2^53-1 bytes [G1]",
      [1, 2].map((n) => ({ length: 2 ** 53 - 1, path: [`${n}`] })),
      "info.files",
      /2\^53/,
    ],
    [
      "two that are one when they are safe [G2]",
      [1, 2].map((n) => ({ length: 1, path: [`a${"\0".repeat(n)}`] })),
      "info.files",
      /"a" and "a"/,
    ],
    [
      "a file in a file [G2]",
      [
        { length: 1, path: ["a", "b"] },
        { length: 1, path: ["a"] },
      ],
      "info.files",
      /"a" is a file, and a folder in "a\/b"/,
    ],
  ])("are refused: %s", (_, files, field, message) => {
    const error = refusalOf(files)
    expect(error.field).toBe(field)
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  })

  it("are 500,000 at most, and are built one by one [G3]", () => {
    // As text: to encode so many dictionaries takes seconds.
    const entry = (_: unknown, index: number) => `d6:lengthi0e4:pathl1:a6:folder${`${index}`.length}:${index}ee`
    const withFiles = (count: number) => {
      const files = Array.from({ length: count }, entry).join("")
      return Buffer.from(`d4:infod5:filesl${files}e4:name6:folder12:piece lengthi268435456e6:pieces0:ee`)
    }
    expect(parseMetainfo(withFiles(500_000)).files?.fileCount).toBe(500_000)
    expect(() => parseMetainfo(withFiles(500_001))).toThrow(/more than 500000 files/)
  })

  it.each([
    ["in order", (index: number) => index],
    ["in no order", (index: number) => (index * 7_919) % 20_000],
  ])("are read in steps, %s", (_, numberOf) => {
    const entries = Array.from({ length: 20_000 }, (_, index) => `d6:lengthi0e4:pathl5:${10_000 + numberOf(index)}ee`)
    const info = `d5:filesl${entries.join("")}e4:name6:folder12:piece lengthi1e6:pieces0:e`
    const steps = parsingMetainfo(Buffer.from(`d4:info${info}e`))
    let count = 0
    while (!steps.next().done) count++
    // Some hundreds of entries in each.
    expect(count).toBeGreaterThan(40)
  })
})
