import { PassThrough } from "node:stream"
import { describe, expect, it, vi } from "vitest"
import { type KeyPress, listenForKeys } from "./key-press.js"

/** Sends chunks and collects the keys they make. The stream emits each chunk separately. */
async function keysOf(...chunks: readonly (string | Uint8Array)[]): Promise<readonly KeyPress[]> {
  const input = new PassThrough()
  const keys: KeyPress[] = []
  listenForKeys(input, (key) => keys.push(key))
  for (const chunk of chunks) {
    input.write(chunk)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return keys
}

const names = (keys: readonly KeyPress[]): readonly string[] => keys.map((key) => key.name)

describe("keys", () => {
  it.each([
    ["q", ["q"]],
    ["Q", ["Q"]],
    [" ", [" "]],
    ["é日👩", ["é", "日", "👩"]],
    ["\r", ["enter"]],
    ["\t", ["tab"]],
    ["\u001b[Z", ["shift-tab"]],
    ["\u007f", ["backspace"]],
    ["\u001b[3~", ["delete"]],
    ["\u001b[D\u001b[D\u001b[D", ["left", "left", "left"]],
    ["\u001b[H\u001b[F\u001b[1~\u001b[4~", ["home", "end", "home", "end"]],
    ["\u001b[5~\u001b[6~", ["pageup", "pagedown"]],
    ["\u0001\u0005\u0017\u0015\u000b", ["ctrl-a", "ctrl-e", "ctrl-w", "ctrl-u", "ctrl-k"]],
    ["\u001bb\u001bf", ["alt-b", "alt-f"]],
    ["\u001b[1;5D", ["ctrl-left"]],
    ["\u0003", ["ctrl-c"]],
    ["ab\r", ["a", "b", "enter"]],
  ])("reads %j", async (chunk, expected) => {
    expect(names(await keysOf(chunk))).toEqual(expected)
  })

  it("is the same however the bytes are cut", async () => {
    const bytes = new TextEncoder().encode("é👩\u001b[D\u001b[3~\u001b[200~a\rb\u001b[201~x\r")
    const whole = await keysOf(bytes)
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(await keysOf(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole)
    }
  })

  it("makes one key of a paste, and spaces of its line breaks", async () => {
    expect(await keysOf("\u001b[200~a\rq\u001b[201~x")).toEqual([
      { name: "paste", text: "a q" },
      { name: "x", text: "x" },
    ])
  })

  it("takes the beginning of a long paste, and says that it is cut [U1]", async () => {
    const keys = await keysOf("\u001b[200~", "y".repeat(200_000), "\u001b[201~q")
    expect(keys).toEqual([
      { name: "paste", text: "y".repeat(4_096), isCut: true },
      { name: "q", text: "q" },
    ])
  })

  it("hears keys again when the end of a paste never comes [U1]", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const input = new PassThrough()
    const keys: KeyPress[] = []
    const stop = listenForKeys(input, (key) => keys.push(key))
    const send = (chunk: string) => new Promise((resolve) => input.write(chunk, () => setImmediate(resolve)))
    await send("\u001b[200~lost")
    vi.advanceTimersByTime(1_000)
    await send("q")
    await send("\u001b[200~again\u0003q")
    expect(names(keys)).toEqual(["paste", "q", "paste", "q"])
    stop()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})
