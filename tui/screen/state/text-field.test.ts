import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { edit, fieldOf, insert, type TextField } from "./text-field.js"

/** "ab|c": the bar is the cursor. */
function field(text: string): TextField {
  return { value: text.replace("|", ""), cursor: text.indexOf("|") }
}

function shown({ value, cursor }: TextField): string {
  return `${value.slice(0, cursor)}|${value.slice(cursor)}`
}

describe("a text field", () => {
  it.each([
    ["left", "ab|c", "a|bc"],
    ["left", "|abc", "|abc"],
    ["right", "ab|c", "abc|"],
    ["home", "ab|c", "|abc"],
    ["ctrl-a", "ab|c", "|abc"],
    ["ctrl-e", "ab|c", "abc|"],
    ["backspace", "ab|c", "a|c"],
    ["delete", "a|bc", "a|c"],
    ["delete", "abc|", "abc|"],
    ["ctrl-w", "upload a/b.iso |", "upload |"],
    ["alt-backspace", "upload a/b.iso|", "upload a/|"],
    ["ctrl-u", "upload |a", "|a"],
    ["ctrl-k", "upload| a", "upload|"],
    ["alt-b", "upload a/b.iso|", "upload a/|b.iso"],
    ["alt-f", "|upload a", "upload| a"],
    ["ctrl-left", "upload a|", "upload |a"],
    ["alt-d", "|upload a", "| a"],
    ["left", "a👩‍👩‍👧|", "a|👩‍👩‍👧"],
    ["backspace", "e\u0301|", "|"],
    ["backspace", "日本|", "日|"],
  ])("%s turns %s into %s", (key, before, after) => {
    expect(shown(edit(field(before), key) ?? field("|"))).toBe(after)
  })

  it("edits nothing for other keys", () => {
    expect(edit(fieldOf("a"), "f5")).toBeUndefined()
  })

  it("holds what was typed, whatever it was", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 })), (characters) => {
        const typed = characters.reduce(insert, fieldOf(""))
        expect(typed).toEqual(fieldOf(characters.join("")))
      }),
    )
  })
})
