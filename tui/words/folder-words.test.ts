import { describe, expect, it } from "vitest"
import { doneFilesWords, emptyFoldersLines, filesWords, listedName } from "./folder-words.js"

describe("words about folders", () => {
  it("mark a folder by what ends its name", () => {
    expect([listedName("a", true), listedName("a.iso", false)]).toEqual(["a/", "a.iso"])
  })

  it("count files with their thousands apart", () => {
    expect(filesWords(30_000)).toBe("30,000 files")
    expect(filesWords(1)).toBe("1 file")
    expect(doneFilesWords(1_204, 30_000)).toBe("1,204 of 30,000 files")
  })

  it("say how many empty folders are left behind, if any are", () => {
    expect([0, 1, 1_200].map(emptyFoldersLines)).toEqual([
      [],
      ["1 empty folder is not carried"],
      ["1,200 empty folders are not carried"],
    ])
  })
})
