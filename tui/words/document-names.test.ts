import { describe, expect, it } from "vitest"
import { fakeDocument } from "../testing/fake-client.js"
import { namesApart } from "./document-names.js"

describe("the names of documents", () => {
  it("have the beginning of their id behind them where others are called so too [U8]", () => {
    const documents = [
      fakeDocument({ id: "aaaa1-1", name: "report.pdf" }),
      fakeDocument({ id: "aaaa2-2", name: "report.pdf" }),
      fakeDocument({ id: "bbbb3-3", name: "report.pdf", isFolder: true }),
      fakeDocument({ id: "cccc4-4", name: "other.pdf" }),
    ]
    expect([...namesApart(documents).values()]).toEqual([
      "report.pdf (aaaa1)",
      "report.pdf (aaaa2)",
      "report.pdf/ (bbbb)",
      "other.pdf",
    ])
  })

  it("name one document each, also among those of other names", () => {
    const documents = [
      fakeDocument({ id: "aaaabbb1", name: "report.pdf" }),
      fakeDocument({ id: "ccccddd2", name: "report.pdf" }),
      fakeDocument({ id: "aaaabbb3", name: "other.pdf" }),
    ]
    expect([...namesApart(documents).values()]).toEqual(["report.pdf (aaaabbb1)", "report.pdf (cccc)", "other.pdf"])
  })
})
