import { describe, expect, it } from "vitest"
import { atOnce } from "../base/steps.js"
import { FolderLayout } from "./folder-layout.js"
import { findingFilesAt, holdingText } from "./name-files.js"

const filesAt = (...given: Parameters<typeof findingFilesAt>) => atOnce(findingFilesAt(...given))

const PATHS = ["a[1].txt", "a1.txt", "train/*.csv", "train/b.csv", "training/c.csv", "{x,y}/d", "caf\u00E9/E"]
const file = (path: string, isPadding = false) => ({ path, sizeBytes: 1, isPadding, isExecutable: false })
const layout = FolderLayout.of([...PATHS.map((path) => file(path)), file("train/pad", true)])

function filesOf(...paths: readonly string[]): string[] {
  const files = filesAt(layout, paths)
  return PATHS.filter((_, index) => files.has(index))
}

describe("paths of files", () => {
  it.each([
    [["a[1].txt"], ["a[1].txt"]],
    [["train"], ["train/*.csv", "train/b.csv"]],
    [["train/"], ["train/*.csv", "train/b.csv"]],
    [["train/*.csv"], ["train/*.csv"]],
    [
      ["{x,y}", "a1.txt"],
      ["a1.txt", "{x,y}/d"],
    ],
    [["."], PATHS],
  ])("are taken as they are: %o", (paths, expected) => {
    expect(filesOf(...paths)).toEqual(expected)
  })

  it.each([["tr"], ["train/pad"], ["a?.txt"], [""], ["/"], ["train//b.csv"], ["./train"]])(
    "that are none are refused: %o",
    (path) => {
      expect(() => filesOf("a1.txt", path)).toThrow(expect.objectContaining({ code: "no_such_file" }))
    },
  )

  it("are at least one, and folders at most 100", () => {
    expect(() => filesOf()).toThrow(expect.objectContaining({ code: "bad_argument" }))
    const many = Array.from({ length: 101 }, (_, index) => `none-${index}`)
    expect(() => filesOf(...many)).toThrow(expect.objectContaining({ code: "bad_argument" }))
  })

  it("are as many files as there are in a folder", () => {
    const count = 20_000
    const many = FolderLayout.of(Array.from({ length: count }, (_, index) => file(`d/${index}`)))
    expect(
      filesAt(
        many,
        Array.from({ length: count }, (_, index) => `d/${index}`),
      ).fileCount,
    ).toBe(count)
  })

  it("hold a text in any case and either form", () => {
    expect(PATHS.filter(holdingText("CAFE\u0301/e"))).toEqual(["caf\u00E9/E"])
  })
})
