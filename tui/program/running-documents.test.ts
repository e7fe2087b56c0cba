import { expect, it } from "vitest"
import { wordsFor } from "./running-documents.js"

const id = "0b7e2b5c-0000-4000-8000-000000000000"

it.each(["a b", "$(x)", "\u6f22\u5b57", "a-b"])("a document is named by its name: %s", (name) => {
  expect(wordsFor([{ id, name }])).toEqual([name])
})

it.each(["-rf", "--help", "", "a\nb", "a\tb", "a\u001b[2J", "a\u202eb", "a\u2028b", "a\u0000b", "\ud800"])(
  "a name that would be an option or can't be typed gives way to the id: %j [S16]",
  (name) => {
    expect(wordsFor([{ id, name }])).toEqual([id])
  },
)

it("documents of one name are named by their ids", () => {
  const other = id.replace("0b7e", "1b7e")
  expect(
    wordsFor([
      { id, name: "a" },
      { id: other, name: "a" },
      { id: "x", name: "b" },
    ]),
  ).toEqual([id, other, "b"])
})
