import { randomBytes } from "node:crypto"
import { mkdir, stat, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand } from "./program.js"
import { untilListed } from "./until-listed.js"

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
  await ground.tracker()
})
afterEach(() => ground.close())

async function sample(name: string, sizeBytes = 3_000_000): Promise<string> {
  await writeFile(ground.path(name), randomBytes(sizeBytes))
  return ground.path(name)
}

describe("commands of other processes", () => {
  it("are carried out by the client that runs, until one of them ends it", async () => {
    const [seeder, leecher] = [await ground.serving("a"), await ground.serving("b")]
    const file = await sample("sample")
    const torrent = ground.path("t.json")
    expect(await ground.command("a", "upload", file, torrent)).toMatchObject({ code: 0, errors: "" })
    const fetched = await ground.command("b", "download", torrent, ground.path("copy"))
    expect(fetched).toMatchObject({ code: 0, errors: "" })
    expect(fetched.lines.at(-1)).toBe("SUCCESSFUL DOWNLOAD")
    expect(await digestOf(ground.path("copy"))).toBe(await digestOf(file))
    const listed = await ground.command("b", "list", "--json")
    expect(JSON.parse(listed.lines[0] ?? "")).toMatchObject({
      event: "list",
      documents: [{ file: ground.path("copy"), state: "seeding" }],
    })
    for (const [name, client] of [
      ["a", seeder],
      ["b", leecher],
    ] as const) {
      expect(await ground.command(name, "quit")).toMatchObject({
        code: 0,
        lines: [`the client (process ${client.pid}) has ended`],
      })
      expect(await client.ended()).toBe(0)
    }
    await untilListed(() => ground.client(ground.path("a.json"), "list"), /^sample: seeding/)
  })

  it("fail with the codes and sentences of a client of their own", async () => {
    await ground.serving("a")
    await ground.config("c")
    for (const words of [["pause", "none"], ["uplaod"], ["download", "none.json"], ["limit", "down", "x"]]) {
      const [attached, alone] = [await ground.command("a", ...words), await ground.command("c", ...words)]
      const inOwnFolder = alone.errors.replaceAll(ground.path("c"), ground.path("a"))
      expect(attached).toMatchObject({ code: alone.code, errors: inOwnFolder })
      expect(attached.code).toBe(6)
    }
  })

  it("change what the others see: limit, pause, resume, remove", async () => {
    await ground.serving("a")
    await ground.command("a", "upload", await sample("sample"), ground.path("t.json"))
    expect(await ground.command("a", "limit", "down", "1MB/s")).toMatchObject({
      lines: ["limits: down 1 MB/s, up unlimited"],
    })
    expect(await ground.command("a", "limit")).toMatchObject({ lines: ["limits: down 1 MB/s, up unlimited"] })
    expect(await ground.command("a", "pause", "sample")).toMatchObject({ code: 0, lines: ["sample: paused"] })
    expect((await ground.command("a", "list")).lines[0]).toMatch(/^sample: paused/)
    expect(await ground.command("a", "resume", ground.path("sample"))).toMatchObject({ code: 0 })
    expect(await ground.command("a", "remove", "sample")).toMatchObject({ code: 0 })
    expect(await ground.command("a", "list")).toMatchObject({ lines: ["no documents"] })
  })

  it("take their relative paths from the folder where they were given, and inputs from the service folder too", async () => {
    await ground.serving("a")
    await mkdir(ground.path("elsewhere"))
    await writeFile(ground.path("elsewhere", "here"), "here")
    await writeFile(ground.path("a", "there"), "there")
    const upload = (...words: readonly string[]) =>
      ground.run([
        "sh",
        "-c",
        'cd "$0"; exec "$@"',
        ground.path("elsewhere"),
        ...clientCommand(ground.path("a.json"), ...words),
      ])
    const first = upload("upload", "here", "here.json")
    expect(await first.ended()).toBe(0)
    expect(first.lines[0]).toContain(
      `${ground.path("elsewhere", "here")}: shared; give ${ground.path("elsewhere", "here.json")} to those who may have it (private, `,
    )
    expect(await upload("upload", "there", "there.json").ended()).toBe(0)
    await stat(ground.path("elsewhere", "there.json"))
    const missing = upload("upload", "nowhere", "nowhere.json")
    expect(await missing.ended()).toBe(6)
    expect(missing.errors).toBe(
      `ERROR no_such_file ${ground.path("elsewhere", "nowhere")}: no such file, nor is it in the service folder ${ground.path("a")}\n`,
    )
  })
})

describe("a wait that ends early", () => {
  it("by Ctrl-C leaves the download to the client, and says so", async () => {
    await ground.serving("a", { limits: { upload: "50KB/s" } })
    await ground.command("a", "upload", await sample("sample", 8_000_000), ground.path("t.json"))
    const client = await ground.serving("b")
    const waiting = ground.client(ground.path("b.json"), "download", ground.path("t.json"), "copy")
    await waiting.line(/downloading/)
    waiting.kill("SIGINT")
    expect(await waiting.ended()).toBe(130)
    expect(waiting.lines.at(-1)).toBe(
      `not waiting any more: the running client (process ${client.pid}) continues the download`,
    )
    expect((await ground.command("b", "list")).lines[0]).toMatch(/^sample: downloading/)
    await ground.command("a", "limit", "up", "none")
    expect(await ground.command("b", "download", ground.path("t.json"), "copy")).toMatchObject({ code: 0 })
    expect(await endInOrder(client)).toBe(0)
  })

  it.each(["SIGTERM", "SIGKILL"] as const)("by %s of the client has an exit code of its own", async (signal) => {
    const client = await ground.serving("b")
    await ground.serving("a", { limits: { upload: "50KB/s" } })
    await ground.command("a", "upload", await sample("sample", 8_000_000), ground.path("t.json"))
    const waiting = ground.client(ground.path("b.json"), "download", ground.path("t.json"), "copy")
    await waiting.line(/downloading/)
    client.kill(signal)
    expect(await waiting.ended()).toBe(9)
    expect(waiting.errors).toMatch(
      /^ERROR client_ended the running client \(process \d+\) (was left|ended without a word)/,
    )
  })
})
