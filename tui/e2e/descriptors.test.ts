import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { afterEach, beforeEach, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, trackerCommand } from "./program.js"
import { untilListed } from "./until-listed.js"

/** Few enough that strangers can take them all: the program itself holds about 22, and lets 32 of one host knock at a time. */
const DESCRIPTORS = 40

const LIMITED = ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh"]

let ground: Playground
const strangers: Socket[] = []

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.destroy()
  await ground.close()
})

async function stranger(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined)
  strangers.push(socket)
  await once(socket, "connect")
  return socket.resume()
}

/** Calls until most callers are hung up on, which is when no descriptor is free. */
async function takeDescriptors(port: number): Promise<readonly Socket[]> {
  const callers = await Promise.all(Array.from({ length: 100 }, () => stranger(port)))
  await new Promise<void>((resolve) => {
    const look = () => callers.filter(({ closed }) => closed).length >= callers.length - DESCRIPTORS && resolve()
    for (const caller of callers) caller.once("close", look)
    look()
  })
  return callers
}

it("a client whose descriptors strangers have taken hangs up on the rest, lives, and serves when they are gone [hostile 17]", async () => {
  const file = ground.path("sample")
  await writeFile(file, randomBytes(2_000_000))
  const torrent = ground.path("sample.json")
  const seeder = ground.run([...LIMITED, ...clientCommand(await ground.config("a"), "--plain", "--seed")])
  const [, port] = /^listening on 127\.0\.0\.1:(\d+)/.exec(await seeder.line(/^listening on/)) ?? []
  seeder.type(`upload ${file} ${torrent} --open`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)

  const callers = await takeDescriptors(Number(port))
  expect(seeder.isRunning, seeder.errors).toBe(true)
  for (const caller of callers) caller.destroy()

  const leecher = ground.client(await ground.config("b"), "--plain")
  leecher.type(`download ${torrent} copy`)
  await leecher.line(/^SUCCESSFUL DOWNLOAD$/)
  expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  expect(seeder.errors).toBe("")
})

it("a client without free descriptors ends in order on one SIGTERM [hostile 17]", async () => {
  const config = await ground.config("a")
  const client = ground.run([...LIMITED, ...clientCommand(config, "--plain", "--seed")])
  const [, port] = /^listening on 127\.0\.0\.1:(\d+)/.exec(await client.line(/^listening on/)) ?? []
  await writeFile(ground.path("sample"), "sample")
  client.type(`upload ${ground.path("sample")} t.json`)
  await client.line(/^SUCCESSFUL UPLOAD$/)
  await takeDescriptors(Number(port))
  expect(await endInOrder(client)).toBe(0)
  expect(client.errors).toBe("")
  await untilListed(() => ground.client(config, "list"), /^sample: seeding/)
})

it.each([
  ["in memory", ["--store", "memory"]],
  ["on disk", []],
])(
  "a tracker whose descriptors are taken hangs up on the rest, serves when they are free, and ends in order without any: %s [hostile 17]",
  async (_, options) => {
    const command = trackerCommand("127.0.0.1", String(ground.trackerPort), ...options)
    const tracker = ground.run([...LIMITED, ...command])
    await tracker.line(/listens on/)
    for (const caller of await takeDescriptors(ground.trackerPort)) caller.destroy()
    await expect.poll(() => ground.newDocument().catch(() => "")).toMatch(/^[0-9a-f-]{36}$/)
    await takeDescriptors(ground.trackerPort)
    expect(await endInOrder(tracker)).toBe(0)
    expect(tracker.errors).toBe("")
  },
)
