import { PassThrough } from "node:stream"
import { beforeEach, describe, expect, it } from "vitest"
import { FAKE_LINK } from "../testing/fake-client.js"
import { type LinkInput, withLinkFromInput } from "./link-from-input.js"

let input: PassThrough
const never = new AbortController().signal

beforeEach(() => {
  input = new PassThrough()
})

describe("download -", () => {
  it("takes the link from standard input, as a chat left it", async () => {
    const words = withLinkFromInput(["download", "-", "a.iso"], input, never)
    input.write(`> ${FAKE_LINK.slice(0, 40)}\n`)
    input.end(`> ${FAKE_LINK.slice(40)}\n\n`)
    expect(await words).toEqual(["download", FAKE_LINK, "a.iso"])
  })

  it("does not wait for the end of a terminal's input", async () => {
    const terminal: LinkInput = Object.assign(input, { isTTY: true })
    const words = withLinkFromInput(["download", "-"], terminal, never)
    input.write(`${FAKE_LINK}\n`)
    expect(await words).toEqual(["download", FAKE_LINK])
  })

  it.each([
    ["nothing", "", "nothing came"],
    ["something else", `not ${FAKE_LINK}`, "what came is no link"],
    ["a text without end", "x".repeat(70_000), "what came is no link"],
  ])("refuses %s without showing it", async (_, text, message) => {
    const words = withLinkFromInput(["download", "-"], input, never)
    input.end(text)
    const error = await words.catch((refusal: Error) => refusal)
    expect(error).toMatchObject({ code: "bad_link", message: expect.stringContaining(message) })
    expect(String(error)).not.toContain("AAECAw")
  })

  it("ends with the signal that ends the client", async () => {
    const leaving = new AbortController()
    const words = withLinkFromInput(["download", "-"], input, leaving.signal)
    leaving.abort(new Error("SIGTERM"))
    await expect(words).rejects.toThrow("SIGTERM")
  })

  it("leaves all other commands alone", async () => {
    for (const words of [["download", "a.json"], ["list"], ["upload", "-"]])
      expect(await withLinkFromInput(words, input, never)).toEqual(words)
  })
})
