import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { FakeClient, fakeDocument } from "../testing/fake-client.js"
import { Arguments } from "./arguments.js"
import type { ArgumentKind, Command } from "./command.js"
import { resolvePaths } from "./typed-paths.js"

let root: string
let base: { readonly folder: string; readonly serviceFolder: string }

inTemporaryFolder((path) => {
  root = path
})
beforeEach(async () => {
  base = { folder: join(root, "here"), serviceFolder: join(root, "service") }
  for (const folder of Object.values(base)) await mkdir(folder)
  await writeFile(join(base.folder, "both"), "")
  for (const name of ["both", "there"]) await writeFile(join(base.serviceFolder, name), "")
})

/** What an argument of this kind becomes. */
async function resolved(kind: ArgumentKind, text: string, paths = base, client = new FakeClient()) {
  const command: Command = { name: "x", arguments: [{ name: "it", kind }], flags: [], summary: "", run: async () => {} }
  const given = new Arguments(command.arguments, [{ text, span: undefined }], new Map())
  return (await resolvePaths(given, command, paths, client)).required("it")
}

describe("a path of a single command", () => {
  it.each(["file", "torrent"] as const)("to be read is looked for in the current folder first: %s", async (kind) => {
    expect(await resolved(kind, "both")).toBe(join(base.folder, "both"))
    expect(await resolved(kind, "./there")).toBe(join(base.serviceFolder, "there"))
    await expect(resolved(kind, "none")).rejects.toMatchObject({
      code: "no_such_file",
      message: `${join(base.folder, "none")}: no such file, nor is it in the service folder ${base.serviceFolder}`,
    })
  })

  it("to be written is in the current folder, and keeps an end that names a folder", async () => {
    expect(await resolved("target", "there")).toBe(join(base.folder, "there"))
    expect(await resolved("target", "sub/")).toBe(`${join(base.folder, "sub")}/`)
    expect(await resolved("target", "..")).toBe(`${base.folder}/..`)
  })

  it.each(["/a/b", ""])("is taken as it is: %j", async (text) => {
    for (const kind of ["file", "torrent", "target", "document"] as const) expect(await resolved(kind, text)).toBe(text)
  })

  it.each([
    "magnet:?xt=urn:btih:x",
    "p2p-tui:1#s",
    "https://x/y.torrent",
    "-",
    "0123456789abcdef0123456789abcdef01234567",
  ])("is none: %s", async (link) => {
    expect(await resolved("torrent", link)).toBe(link)
  })

  it("begins with the home folder for ~", async () => {
    expect(await resolved("target", "~/x")).toMatch(/^\/.*\/x$/)
  })
})

it("on the screen is one of the service folder", async () => {
  const paths = { folder: base.serviceFolder, serviceFolder: base.serviceFolder }
  expect(await resolved("file", "none", paths)).toBe(join(base.serviceFolder, "none"))
  expect(await resolved("target", "x", paths)).toBe(join(base.serviceFolder, "x"))
})

it("names a document by a path in the current folder, after its name and id", async () => {
  const client = new FakeClient()
  client.showDocument(fakeDocument({ name: "a.iso", filePath: join(base.folder, "b.iso") }))
  expect(await resolved("document", "a.iso", base, client)).toBe("a.iso")
  expect(await resolved("document", "b.iso", base, client)).toBe(join(base.folder, "b.iso"))
  expect(await resolved("document", "c.iso", base, client)).toBe("c.iso")
})
