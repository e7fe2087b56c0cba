import { describe, expect, it } from "vitest"
import { FakeClient, fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { parseCommand } from "./parse.js"
import { select } from "./select.js"
import { splitWords } from "./words.js"

/** The choice that the client is given for a line. */
async function chosen(line: string): Promise<string | undefined> {
  const client = new FakeClient(fakeSnapshot({ documents: [fakeDocument({ id: "1", name: "tree" })] }))
  const { given } = parseCommand(splitWords(line), [select])
  const { signal } = new AbortController()
  const unused = (): never => {
    throw new TypeError("not used by this command")
  }
  await select.run(given, { client, signal, workSignal: signal, report: () => {}, follow: unused, quit: unused })
  return client.calls[0]
}

describe("select", () => {
  it.each([
    ["select tree --all", "all"],
    ["select tree --only a --only b", { only: ["a", "b"] }],
    ["select tree --add 'a/**'", { add: { names: ["a/**"], isLiteral: false } }],
    ["select tree --drop 'a[1]' --drop b --literal", { drop: { names: ["a[1]", "b"], isLiteral: true } }],
    ["select tree --drop=--x --literal", { drop: { names: ["--x"], isLiteral: true } }],
    ["select tree --add . --literal --holding iso", { add: { names: ["."], isLiteral: true, holding: "iso" } }],
  ])("takes %s", async (line, choice) => {
    expect(await chosen(line)).toBe(`select 1 ${typeof choice === "string" ? choice : JSON.stringify(choice)}`)
  })

  it.each([
    ["select tree", "missing_argument"],
    ["select tree --add a --drop b", "missing_argument"],
    ["select tree --all --only a", "missing_argument"],
    ["select tree --only a --literal", "bad_argument"],
    ["select tree --all --holding x", "bad_argument"],
  ])("refuses %s", async (line, code) => {
    await expect(chosen(line)).rejects.toMatchObject({ code })
  })
})
