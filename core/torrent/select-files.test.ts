import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { atOnce } from "../base/steps.js"
import { FolderLayout } from "./folder-layout.js"
import { selectingFiles } from "./select-files.js"

const selectFiles = (...given: Parameters<typeof selectingFiles>) => atOnce(selectingFiles(...given))

const PATHS = [
  "about.css",
  "help/use.css",
  "train/a.bin",
  "train/deep/b.bin",
  "train/.hidden",
  "trains",
  "photo (1).jpg",
  "photo 1.jpg",
  "[x].txt",
  "x.txt",
  "!x.txt",
  "caf\u00E9",
]
const layout = layoutOf(PATHS)

function layoutOf(paths: readonly string[]): FolderLayout {
  const padding = { path: ".pad/9", sizeBytes: 9, isPadding: true, isExecutable: false }
  return FolderLayout.of([
    ...paths.map((path) => ({ path, sizeBytes: 1, isPadding: false, isExecutable: false })),
    padding,
  ])
}

function selected(...patterns: string[]): string[] {
  const selection = selectFiles(layout, patterns)
  return PATHS.filter((_, index) => selection.has(index))
}

describe("patterns for the files of a folder", () => {
  it.each([
    ["train/**", ["train/a.bin", "train/deep/b.bin", "train/.hidden"]],
    ["train/*", ["train/a.bin", "train/.hidden"]],
    ["*.css", ["about.css"]],
    ["**/*.css", ["about.css", "help/use.css"]],
    ["{help,train}/*.{css,bin}", ["help/use.css", "train/a.bin"]],
    ["train?", ["trains"]],
    ["./trains", ["trains"]],
    ["train/[!a]*", ["train/.hidden"]],
  ])("%s", (pattern, paths) => {
    expect(selected(pattern)).toEqual(paths)
  })

  it("add up", () => {
    expect(selected("*.css", "trains", "*.css")).toEqual(["about.css", "trains"])
  })

  it("all of them make the selection whole, padding or not", () => {
    expect(selectFiles(layout, ["**"]).isWhole).toBe(true)
  })

  it("select a file by its own path, whatever it is called", () => {
    expect(selected("[x].txt")).toEqual(["[x].txt", "x.txt"])
    expect(selected("\\[x].txt")).toEqual(["[x].txt"])
    expect(selected("!x.txt")).toEqual(["!x.txt"])
    expect(selected("photo (1).jpg")).toEqual(["photo (1).jpg"])
  })

  it("take parentheses for what they are beside a star", () => {
    expect(selected("*(1).jpg")).toEqual(["photo (1).jpg"])
    expect(selected("photo (1).*")).toEqual(["photo (1).jpg"])
    expect(selected("photo \\(1\\).*")).toEqual(["photo (1).jpg"])
  })

  it("match in whichever Unicode form a letter is written", () => {
    expect(selected("cafe\u0301")).toEqual(["caf\u00E9"])
  })

  it("find what begins with them, whatever they are made of", () => {
    const name = fc.string({ unit: fc.constantFrom(..."ab.+-()!@^$|~#' "), minLength: 1, maxLength: 12 })
    const names = name.filter((text) => !/^\.{1,2}$/.test(text))
    fc.assert(
      fc.property(names, (text) => {
        const folder = layoutOf([`${text}z`, "other"])
        const selection = selectFiles(folder, [`${text}*`])
        expect([selection.has(0), selection.has(1)]).toEqual([true, false])
      }),
    )
  })
})

describe("a pattern that selects nothing", () => {
  const refusal = (...patterns: string[]) => {
    try {
      selectFiles(layout, patterns)
    } catch (error) {
      return error
    }
    return undefined
  }

  it.each([
    ["nothing*", 'no file of the folder matches "nothing*"; it has about.css, help/use.css, train/a.bin and 9 more'],
    ["train", 'no file of the folder matches "train"; "train/**" does'],
    ["train/", 'no file of the folder matches "train/"; "train/**" does'],
    ["*.bin", 'no file of the folder matches "*.bin"; "**/*.bin" does'],
    ["Train/**", 'no file of the folder matches "Train/**"; it has about.css, help/use.css, train/a.bin and 9 more'],
  ])("%s is refused, beside one that does", (pattern, message) => {
    expect(refusal("*.css", pattern)).toMatchObject({ code: "no_such_file", message })
  })

  it("is not the name of padding", () => {
    expect(refusal(".pad/*")).toMatchObject({ code: "no_such_file" })
  })

  it("is refused where it is empty or too long", () => {
    expect(refusal("")).toMatchObject({ code: "bad_argument" })
    expect(refusal("(".repeat(8_193))).toMatchObject({ code: "bad_argument" })
  })

  it("is refused beside a hundred others, while paths of files may be as many as there are", () => {
    expect(refusal(...Array.from({ length: 101 }, () => "*.css"))).toMatchObject({ code: "bad_argument" })
    const many = layoutOf(Array.from({ length: 1_000 }, (_, index) => `file ${index}`))
    expect(
      selectFiles(
        many,
        Array.from({ length: 999 }, (_, index) => `file ${index}`),
      ).fileCount,
    ).toBe(999)
  })

  it("is refused where no regular expression holds it", () => {
    expect(refusal("*/".repeat(4_096))).toMatchObject({ code: "bad_argument" })
  })

  it("may have as many operators of regular expressions as fit", () => {
    expect(refusal("(".repeat(8_192))).toMatchObject({ code: "no_such_file" })
  })
})

it("many files are compared in steps", () => {
  const many = layoutOf(Array.from({ length: 40_000 }, (_, index) => `file ${index}`))
  const steps = selectingFiles(many, ["file 7", "*9"])
  let count = 0
  while (!steps.next().done) count++
  expect(count).toBeGreaterThan(10)
})
