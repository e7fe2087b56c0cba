import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TorrentFileError } from "../base/errors.js"
import { FolderLayout } from "./folder-layout.js"
import { parseTorrent } from "./parse-torrent.js"
import { serializeTorrent } from "./serialize-torrent.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const DIGEST = "a".repeat(40)

const file = (path: readonly string[], size = 1, attr?: string) => ({ Path: path, Size: size, Attr: attr })

function textOf(files: unknown, size?: number): string {
  const entries = Array.isArray(files) ? files : []
  const sum = entries.reduce((bytes: number, entry) => bytes + Number(entry?.Size ?? 0), 0)
  const sizeBytes = size ?? sum
  const fields = { Size: sizeBytes, PartSize: 2 ** 28, Parts: sizeBytes > 0 ? [DIGEST] : [], Hash: HASH, Files: files }
  return JSON.stringify({ FileInfo: fields })
}

function refusal(content: string): TorrentFileError {
  try {
    parseTorrent(content)
  } catch (error) {
    if (error instanceof TorrentFileError) return error
    throw error
  }
  throw new Error("it was accepted")
}

function entriesOf(files: FolderLayout | undefined) {
  return Array.from({ length: files?.entryCount ?? 0 }, (_, index) => files?.entry(index))
}

describe("the files of a torrent file", () => {
  it("are read in their order, with padding wherever it stands and executable bits", () => {
    const files = [
      file([".pad", "24"], 24, "p"),
      file(["b", ".git", "HEAD"], 7),
      file(["a"], 0, "x"),
      file([".pad", "24"], 24, "p"),
    ]
    const torrent = parseTorrent(textOf(files))
    expect(torrent.sizeBytes).toBe(55)
    expect(entriesOf(torrent.files)).toEqual([
      { path: ".pad/24", sizeBytes: 24, isPadding: true, isExecutable: false },
      { path: "b/.git/HEAD", sizeBytes: 7, isPadding: false, isExecutable: false },
      { path: "a", sizeBytes: 0, isPadding: false, isExecutable: true },
      { path: ".pad/24", sizeBytes: 24, isPadding: true, isExecutable: false },
    ])
    expect(torrent.files?.fileCount).toBe(2)
  })

  it("may be one, which is a folder nevertheless, and a hundred levels deep", () => {
    expect(parseTorrent(textOf([file(["only"])])).files?.fileCount).toBe(1)
    expect(parseTorrent(textOf([file(Array(100).fill("d"))])).files?.path(0)).toBe(Array(100).fill("d").join("/"))
  })

  it.each<[string, unknown, string, RegExp]>([
    ["no list [G1]", { 0: file(["a"]) }, "FileInfo.Files", /an object/],
    ["none [G1]", [], "FileInfo.Files", /a list of 0/],
    ["padding alone [G1]", [file(["p"], 1, "p")], "FileInfo.Files", /no file/],
    ["an entry that is no object [G1]", [file(["a"]), 5], "FileInfo.Files[1]", /got 5/],
    ["a path that is a text [G1]", [{ Path: "a/b", Size: 1 }], "FileInfo.Files[0].Path", /got "a\/b"/],
    ["no path [G1]", [{ Size: 1 }], "FileInfo.Files[0].Path", /missing/],
    ["an empty path [G1]", [file([])], "FileInfo.Files[0].Path", /empty/],
    [
      "a path out of the folder [G1]",
      [file(["a"]), file(["..", "b"])],
      "FileInfo.Files[1].Path",
      /"\.\.\/b".*not safe/,
    ],
    ["a path with a separator in a name [G1]", [file(["a/../../b"])], "FileInfo.Files[0].Path", /not safe/],
    ["an absolute path [G1]", [file(["", "etc"])], "FileInfo.Files[0].Path", /not safe/],
    ["a path with a NUL [G1]", [file(["a\0"])], "FileInfo.Files[0].Path", /not safe/],
    ["an unsafe path of padding [G1]", [file(["a"]), file(["..", "1"], 1, "p")], "FileInfo.Files[1].Path", /not safe/],
    ["101 levels [G1]", [file(Array(101).fill("d"))], "FileInfo.Files[0].Path", /101 levels, at most 100/],
    ["4,097 bytes of path [G1]", [file(["ä".repeat(2_048), ""])], "FileInfo.Files[0].Path", /4097 bytes, at most 4096/],
    ["a size that is none [G1]", [file(["b"], 5), { Path: ["a"], Size: -1 }], "FileInfo.Files[1].Size", /got -1/],
    ["a size that is a text [G1]", [file(["a"]), { Path: ["b"], Size: "1" }], "FileInfo.Files[1].Size", /got "1"/],
    ["an unknown attribute [G1]", [file(["a"], 1, "l")], "FileInfo.Files[0].Attr", /got "l"/],
    ["one path twice [G2]", [file(["a", "b"]), file(["a", "b"])], "FileInfo.Files", /"a\/b" and "a\/b"/],
    ["a file that is a folder [G2]", [file(["a", "b"]), file(["a"])], "FileInfo.Files", /"a" is a file.*"a\/b"/],
  ])("are refused: %s", (_, files, field, message) => {
    const error = refusal(textOf(files))
    expect(error.field).toBe(field)
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  })

  it("are refused when their sizes do not add up to Size [G1]", () => {
    expect(refusal(textOf([file(["a"], 3)], 4)).message).toMatch(/add up to 3, but FileInfo.Size is 4/)
    const huge = [file(["a"], 2 ** 53 - 1), file(["b"], 1)]
    expect(refusal(textOf(huge, 5)).message).toMatch(/more than 2\^53-1/)
  })

  it("are refused beyond 500,000, and read up to there, in less than 64 MiB [G3]", () => {
    const layoutOf = (count: number) =>
      FolderLayout.of(
        Array.from({ length: count }, (_, index) => ({
          path: `some/folder/below/another/${index}/[a name].d.ts`,
          sizeBytes: 0,
          isPadding: false,
          isExecutable: true,
        })),
      )
    const torrent = { hash: HASH, sizeBytes: 0, partSizeBytes: 1, partDigests: new Uint8Array(0), name: "n" }
    const text = serializeTorrent({ ...torrent, secret: undefined, files: layoutOf(500_000) })
    expect(text.length).toBeLessThan(64 * 2 ** 20)
    expect(parseTorrent(text).files?.fileCount).toBe(500_000)
    const more = serializeTorrent({ ...torrent, secret: undefined, files: layoutOf(500_001) })
    expect(refusal(more).message).toMatch(/500001 files, at most 500000/)
  })
})

const component = fc
  .oneof(fc.constantFrom("a", "b", ".git", "é", "[x]", '"', "\\"), fc.string({ unit: "grapheme", minLength: 1 }))
  .filter((name) => !/^\.{1,2}$|[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}/]/u.test(name))
const entry = fc.record({
  path: fc.array(component, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")),
  sizeBytes: fc.nat(50),
  attr: fc.constantFrom("", "", "p", "x"),
})
const layout = fc
  .uniqueArray(entry, { minLength: 1, selector: ({ path }) => path.split("/")[0]?.normalize("NFC") })
  .filter((entries) => entries.some(({ attr }) => attr !== "p"))
  .map((entries) =>
    FolderLayout.of(
      entries.map(({ attr, ...rest }) => ({ ...rest, isPadding: attr === "p", isExecutable: attr === "x" })),
    ),
  )

it("a torrent file of a folder is read as it was written", () => {
  fc.assert(
    fc.property(layout, (files) => {
      const partDigests = new Uint8Array(files.sizeBytes > 0 ? 20 : 0)
      const torrent = { hash: HASH, sizeBytes: files.sizeBytes, partSizeBytes: 2 ** 28, partDigests, name: undefined }
      const text = serializeTorrent({ ...torrent, secret: undefined, files })
      const read = parseTorrent(text)
      expect(read).toMatchObject(torrent)
      expect(entriesOf(read.files)).toEqual(entriesOf(files))
      expect(serializeTorrent(read)).toBe(text)
    }),
  )
})
