import { describe, expect, it } from "vitest"
import LineOutput from "./line-output.js"

const plain = { transformers: [] }

function drawn(height: number, draw: (output: LineOutput) => void): readonly string[] {
  const output = new LineOutput({ width: 40, height })
  draw(output)
  return output.get().output.split("\n")
}

describe("the lines of a frame", () => {
  it("are as many as the screen is high, empty ones too", () => {
    expect(drawn(3, (output) => output.write(0, 1, "middle", plain))).toEqual(["", "middle", ""])
    expect(new LineOutput({ width: 40, height: 3 }).get().height).toBe(3)
  })

  it("stand at their columns, whichever comes first, styles and wide characters counted as they are seen", () => {
    const lines = drawn(1, (output) => {
      output.write(8, 0, "right", plain)
      output.write(0, 0, "\u001b[32m日本\u001b[39m", plain)
    })
    expect(lines).toEqual(["\u001b[32m日本\u001b[39m    right"])
  })

  it("have their styles from every component they lie in", () => {
    const transformers = [(line: string) => `[${line}]`, (line: string, index: number) => `${index}${line}`]
    expect(drawn(2, (output) => output.write(0, 0, "a\nb", { transformers }))).toEqual(["0[a]", "1[b]"])
  })

  it("end where nothing more is seen, and write no line below the screen", () => {
    expect(drawn(1, (output) => output.write(0, 0, "text   \nbelow", plain))).toEqual(["text"])
  })

  it("are not cut: cutting is refused", () => {
    expect(() => drawn(1, (output) => output.clip())).toThrow("fitted")
  })
})
