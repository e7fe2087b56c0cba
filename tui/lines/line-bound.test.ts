import fc from "fast-check"
import { expect, it } from "vitest"
import { MAX_LINE_BYTES } from "../commands/words.js"
import { LineBound } from "./line-bound.js"

async function passed(chunks: readonly string[]): Promise<string> {
  const bound = new LineBound()
  for (const chunk of chunks) bound.write(chunk)
  bound.end()
  let text = ""
  for await (const chunk of bound) text += String(chunk)
  return text
}

it("passes every line as it came, however the bytes are cut [V5]", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("a", "\n", "bc", "\n\n", "d\ne")), async (chunks) => {
      expect(await passed(chunks)).toBe(chunks.join(""))
    }),
  )
})

it("passes one byte more than the bound of a longer line, and the next line whole [V5]", async () => {
  const text = await passed(["x".repeat(MAX_LINE_BYTES), "x".repeat(9), "yy", "\nnext\n"])
  expect(text).toBe(`${"x".repeat(MAX_LINE_BYTES + 1)}\nnext\n`)
})
