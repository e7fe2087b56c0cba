import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Playground } from "./playground.js"

let ground: Playground
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(() => ground.close())

const FOLDER_COUNT = 12
const FILES_PER_FOLDER = 50

/** 600 files of 1 to 40 KiB, one of 6 MiB, an executable, a hidden one and an empty one. */
function makeTree(root: string): void {
  for (let folder = 0; folder < FOLDER_COUNT; folder++) {
    mkdirSync(join(root, `d${folder}`), { recursive: true })
    for (let file = 0; file < FILES_PER_FOLDER; file++)
      writeFileSync(join(root, `d${folder}`, `f${file}`), randomBytes(1024 + ((file * 797) % 40_000)))
  }
  writeFileSync(join(root, "large.bin"), randomBytes(6 * 1024 * 1024))
  writeFileSync(join(root, "run.sh"), "#!/bin/sh\n", { mode: 0o755 })
  writeFileSync(join(root, ".hidden"), "ü")
  writeFileSync(join(root, "empty"), "")
}

/** Throws where the folders differ. */
function requireSame(one: string, other: string): void {
  execFileSync("diff", ["-r", one, other])
  expect(statSync(join(other, "run.sh")).mode & 0o111).toBe(statSync(join(one, "run.sh")).mode & 0o111)
}

const filesBelow = (root: string): number =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
    : 0

describe("a folder between real programs", () => {
  it.each([
    ["private", []],
    ["open", ["--open"]],
  ])(
    "%s, comes through a kill -9 of the downloader whole, and nothing recorded is fetched again",
    async (_, options) => {
      await ground.tracker()
      makeTree(ground.path("tree"))
      const limits = { limits: { upload: "6MiB/s" } }
      const seeder = ground.client(
        await ground.config("a", limits),
        "--seed",
        "upload",
        ...options,
        ground.path("tree"),
        "t.json",
      )
      await seeder.line(/^SUCCESSFUL UPLOAD$/)
      const config = await ground.config("b")
      const args = ["--json", "download", ground.path("a", "t.json"), "copy"]
      const first = ground.client(config, ...args)
      await expect.poll(() => filesBelow(ground.path("b", "copy.part"))).toBeGreaterThan(100)
      first.kill("SIGKILL")
      await first.ended()
      const next = ground.client(config, ...args)
      const found = JSON.parse(await next.line(/"reused_parts"/)) as { readonly reused_parts: number }
      expect(found.reused_parts).toBeGreaterThan(0)
      expect(await next.ended()).toBe(0)
      requireSame(ground.path("tree"), ground.path("b", "copy"))
      expect(readdirSync(ground.path("b")).filter((name) => name.startsWith("copy"))).toEqual(["copy"])
    },
  )
})
