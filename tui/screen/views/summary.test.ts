import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { summaryLines } from "./summary.js"

describe("what stays in the scrollback", () => {
  it("says what was fetched, what was served and what is unfinished", () => {
    const documents = [
      fakeDocument({ id: "1", name: "a.iso", downloadedBytes: 2048, uploadedBytes: 1024 }),
      fakeDocument({ id: "2", name: "b.iso", haveCount: 40, haveBytes: 40_960, state: "downloading" }),
    ]
    expect(summaryLines(fakeSnapshot({ documents }))).toEqual([
      "fetched:    a.iso (2.00 KiB)",
      "served:     a.iso (1.00 KiB)",
      "unfinished: b.iso (40.0 %)",
    ])
  })

  it("is three lines also when nothing happened", () => {
    expect(summaryLines(fakeSnapshot())).toEqual(["fetched:    nothing", "served:     nothing", "unfinished: nothing"])
  })

  it("counts names beyond the third", () => {
    const documents = ["a", "b", "c", "d", "e"].map((name) => fakeDocument({ id: name, name, uploadedBytes: 1 }))
    expect(summaryLines(fakeSnapshot({ documents }))[1]).toBe("served:     a (1 B), b (1 B), c (1 B) and 2 more")
  })

  it("lets no escape sequence of a name reach the scrollback", () => {
    const documents = [fakeDocument({ name: "\u001b[2J.iso", uploadedBytes: 1 })]
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(summaryLines(fakeSnapshot({ documents })).join("")).not.toMatch(/\u001b/)
  })
})
