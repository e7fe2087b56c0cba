import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { requireOutside } from "./require-outside.js"

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "outside-"))
  for (const path of ["tree/sub", "tree2", "state"]) mkdirSync(join(root, path), { recursive: true })
  symlinkSync(join(root, "tree/sub"), join(root, "link"))
})

afterEach(() => rmSync(root, { recursive: true }))

const check = (torrent: string, state: string, folder = "tree") =>
  requireOutside(join(root, folder), join(root, torrent), join(root, state))

describe("a folder that is to be shared", () => {
  it.each([
    ["beside it", "tree.json", "state"],
    ["in one whose name begins like its own", "tree2/x.json", "tree2"],
    ["in folders that are not there", "none/x.json", "none/state"],
  ])("may have its torrent file and the state %s", (_, torrent, state) => check(torrent, state))

  it.each([
    ["its own torrent file [G6]", "tree/x.json", "state", /torrent file would lie in the folder/],
    ["its own torrent file, deep inside [G6]", "tree/sub/x.json", "state", /torrent file would lie in the folder/],
    ["its own torrent file by a link [G6]", "link/x.json", "state", /torrent file would lie in the folder/],
    ["the state of this client [G6]", "x.json", "tree/sub", /the state of this client/],
    ["the state of this client by a link [G6]", "x.json", "link", /the state of this client/],
  ])("must not hold %s", async (_, torrent, state, message) => {
    await expect(check(torrent, state)).rejects.toMatchObject({
      code: "bad_path",
      message: expect.stringMatching(message),
    })
  })
})
