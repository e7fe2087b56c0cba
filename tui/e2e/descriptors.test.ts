import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { afterEach, beforeEach, expect, it } from "vitest"
import { digestOf, Playground } from "./playground.js"
import { clientCommand } from "./program.js"

/** Few enough that strangers can take them all: the program itself holds about 22, and lets 32 of one host knock at a time. */
const DESCRIPTORS = 40

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

it("a client whose descriptors strangers have taken hangs up on the rest, lives, and serves when they are gone [hostile 17]", async () => {
  const file = ground.path("sample")
  await writeFile(file, randomBytes(2_000_000))
  const torrent = ground.path("sample.json")
  const limited = ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh"]
  const seeder = ground.run([...limited, ...clientCommand(await ground.config("a"), "--plain", "--seed")])
  const [, port] = /^listening on 127\.0\.0\.1:(\d+)/.exec(await seeder.line(/^listening on/)) ?? []
  seeder.type(`upload ${file} ${torrent} --open`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)

  const callers = await Promise.all(Array.from({ length: 100 }, () => stranger(Number(port))))
  await new Promise<void>((resolve) => {
    const look = () => callers.filter(({ closed }) => closed).length >= callers.length - DESCRIPTORS && resolve()
    for (const caller of callers) caller.once("close", look)
    look()
  })
  expect(seeder.isRunning, seeder.errors).toBe(true)
  for (const caller of callers) caller.destroy()

  const leecher = ground.client(await ground.config("b"), "--plain")
  leecher.type(`download ${torrent} copy`)
  await leecher.line(/^SUCCESSFUL DOWNLOAD$/)
  expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  expect(seeder.errors).toBe("")
})
