import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { filesBelow } from "../../core/testing/files-below.js"
import { untilSo } from "../../core/testing/until-so.js"
import { recordedCount } from "../testing/recorded-parts.js"
import { Playground } from "./playground.js"
import { makeSampleTree } from "./sample-tree.js"

let ground: Playground
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(() => ground.close())

const makeTree = (root: string) => makeSampleTree(root, 3 * 1024 * 1024)

/** Every file of the download is one of the tree, byte for byte. */
function requireRight(): void {
  const [tree, copy] = [ground.path("tree"), ground.path("b", "copy")]
  for (const path of filesBelow(copy))
    expect(readFileSync(join(copy, path)).equals(readFileSync(join(tree, path))), path).toBe(true)
}

const named = (start: string) =>
  readdirSync(ground.path("b"))
    .filter((name) => name.startsWith(start))
    .sort()

describe("some files of a folder between real programs", () => {
  it("come through kill -9, and a wider selection through another, and nothing recorded is fetched again", async () => {
    await ground.tracker()
    makeTree(ground.path("tree"))
    const limits = { limits: { upload: "512KiB/s" } }
    const seeder = ground.client(await ground.config("a", limits), "--seed", "upload", ground.path("tree"), "t.json")
    await seeder.line(/^SUCCESSFUL UPLOAD$/)
    const config = await ground.config("b")
    const download = (...only: readonly string[]) =>
      ground.client(
        config,
        "--json",
        "download",
        ground.path("a", "t.json"),
        "copy",
        ...only.flatMap((each) => ["--only", each]),
      )
    const killed = async (program: ReturnType<typeof download>) => {
      program.kill("SIGKILL")
      await program.ended()
    }
    const limit = async (rate: string) => {
      expect(await ground.command("a", "limit", "up", rate)).toMatchObject({ code: 0 })
    }
    const part = ground.path("b", "copy.part")

    const first = download("d1*/**", "run.sh")
    await untilSo(() => recordedCount(ground.path("b", "copy"), ground.path("a", "t.json")) > 0)
    await killed(first)
    await limit("none")
    const next = download()
    const { reused_parts: reused, parts } = await next.event("download_started")
    expect(Number(reused)).toBeGreaterThan(0)
    expect(await next.event("download_completed")).toMatchObject({ files: 151, of_files: 602 })
    expect(await next.ended()).toBe(0)
    expect(filesBelow(ground.path("b", "copy")).filter((path) => !/^(d1\d?\/|run\.sh$)/.test(path))).toEqual([])
    expect(filesBelow(ground.path("b", "copy"))).toHaveLength(151)
    requireRight()
    expect(named("copy")).toEqual(["copy", "copy.part.aside", "copy.part.resume"])

    await limit("4MiB/s")
    const wider = download("d*/**", "run.sh")
    await expect.poll(() => filesBelow(part).length).toBeGreaterThan(200)
    await killed(wider)
    await limit("none")
    const again = download()
    const found = await again.event("download_started")
    expect(Number(found["reused_parts"])).toBeGreaterThanOrEqual(Number(parts))
    expect(await again.event("download_completed")).toMatchObject({ files: 601, of_files: 602 })
    expect(await again.ended()).toBe(0)
    requireRight()

    const running = ground.client(config, "--plain", "--seed")
    await running.line(/^listening on/)
    const select = ground.client(config, "select", "copy", "--all")
    expect(await select.ended()).toBe(0)
    expect(select.lines).toEqual([expect.stringContaining("602 files wanted")])
    await expect.poll(() => named("copy")).toEqual(["copy"])
    execFileSync("diff", ["-r", ground.path("tree"), ground.path("b", "copy")])
  })
})

it("a multi-file .torrent gives some of its files", async () => {
  await ground.tracker()
  makeTree(ground.path("tree"))
  const [torrent, metainfo] = [ground.path("t.json"), ground.path("tree.torrent")]
  const seeder = ground.client(await ground.config("a"), "--plain")
  seeder.type(`upload ${ground.path("tree")} ${torrent} --open`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  seeder.type(`export ${torrent} ${metainfo}`)
  await seeder.line(/^written to /)
  const config = await ground.config("b")
  const program = ground.client(config, "--json", "download", metainfo, "copy", "--only", "d3/*")
  expect(await program.event("download_completed")).toMatchObject({ files: 50, of_files: 602 })
  expect(await program.ended()).toBe(0)
  expect(filesBelow(ground.path("b", "copy"))).toHaveLength(50)
  requireRight()
})
