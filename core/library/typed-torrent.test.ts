import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { readTypedTorrent } from "./typed-torrent.js"

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

const refusalOf = (typed: string) =>
  readTypedTorrent(typed, join(folder, typed)).then(
    () => expect.unreachable("it is no torrent file"),
    (error: unknown) => error,
  )

describe("what is typed where a torrent file is meant", () => {
  it.each([
    ["magnet:?xt=urn:btih:172f77e507930b7c7d80b6e5e1b4b9d5f0b6d1aa&dn=a", /links are not read here/],
    ["MAGNET:?xt=x", /links are/],
    ["p2p-tui:0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11#secret", /links are/],
    ["https://example.org/a.torrent", /web addresses are not read here/],
    ["172f77e507930b7c7d80b6e5e1b4b9d5f0b6d1aa", /info hashes/],
    ["C4XXPZIHSMFXY7MAW3S6DNFZ2XYLNUNK", /info hashes/],
  ])("is reported as no file, but %s [F9]", async (typed, words) => {
    const refusal = await refusalOf(typed)
    expect(refusal).toMatchObject({ code: "link_not_spoken", message: expect.stringMatching(words) })
    expect(String(refusal)).not.toContain("no such file")
  })

  it("is never quoted at length: a link's end may be its secret [F9]", async () => {
    const refusal = await refusalOf(`p2p-tui:0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11?dn=a#${"s".repeat(70)}`)
    expect(String(refusal)).not.toContain("sss")
  })

  it("is a file that is not there, where it looks like one, and a file where one has such a name [F9]", async () => {
    expect(await refusalOf("a.torrent")).toMatchObject({ code: "no_such_file" })
    const name = "172f77e507930b7c7d80b6e5e1b4b9d5f0b6d1aa"
    await writeFile(join(folder, name), "no torrent")
    expect(await refusalOf(name)).toMatchObject({ code: "bad_torrent" })
  })

  it.each([
    ["no torrent", /it is not JSON, it begins "no torrent"/],
    [" \n", /it is not JSON, it is empty/],
    ["{}", /FileInfo: it is missing/],
    ["d3:fooi1ee", /info: it is missing/],
    [Uint8Array.of(0xff), /it is not UTF-8 text/],
  ])("is named where its content can't be used: %j", async (content, words) => {
    await writeFile(join(folder, "a.json"), content)
    const { message } = (await refusalOf("a.json")) as Error
    expect(message).toMatch(words)
    expect(message).toContain(`${join(folder, "a.json")}: no torrent file that can be used: `)
  })
})
