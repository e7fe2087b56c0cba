import { execFileSync } from "node:child_process"
import { readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { recordedCount } from "../testing/recorded-parts.js"
import { Playground } from "./playground.js"
import { makeSampleTree } from "./sample-tree.js"

let ground: Playground
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(() => ground.close())

/** The sample tree with a hidden file and an empty one. */
function makeTree(root: string): void {
  makeSampleTree(root, 6 * 1024 * 1024)
  writeFileSync(join(root, ".hidden"), "ü")
  writeFileSync(join(root, "empty"), "")
}

/** Throws where the folders differ. */
function requireSame(one: string, other: string): void {
  execFileSync("diff", ["-r", one, other])
  expect(statSync(join(other, "run.sh")).mode & 0o111).toBe(statSync(join(one, "run.sh")).mode & 0o111)
}

describe("a folder between real programs", () => {
  it.each([
    ["private", []],
    ["open", ["--open"]],
  ])(
    "%s, comes through a kill -9 of the downloader whole, and nothing recorded is fetched again",
    async (_, options) => {
      await ground.tracker()
      makeTree(ground.path("tree"))
      const limits = { limits: { upload: "3MiB/s" } }
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
      await untilSo(() => recordedCount(ground.path("b", "copy"), ground.path("a", "t.json")) > 0)
      first.kill("SIGKILL")
      await first.ended()
      await ground.command("a", "limit", "up", "none")
      const next = ground.client(config, ...args)
      const found = JSON.parse(await next.line(/"event":"download_started"/)) as { readonly reused_parts: number }
      expect(found.reused_parts).toBeGreaterThan(0)
      expect(await next.ended()).toBe(0)
      requireSame(ground.path("tree"), ground.path("b", "copy"))
      expect(readdirSync(ground.path("b")).filter((name) => name.startsWith("copy"))).toEqual(["copy"])
    },
  )
})
