import { once } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { handlesOf } from "../testing/vitals.js"
import { Playground } from "./playground.js"
import { clientCommand, type Program } from "./program.js"

let ground: Playground
const sockets: Socket[] = []

beforeEach(async () => {
  ground = await Playground.create()
  await ground.tracker()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await ground.close()
})

/** A program of its own kind on the socket of client a: its lines, and what it writes. */
async function stranger(): Promise<{ readonly socket: Socket; readonly next: () => Promise<Record<string, unknown>> }> {
  const socket = connect(ground.path("a", ".p2p-tui", "control"))
  sockets.push(socket)
  socket.on("error", () => {})
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  await once(socket, "connect")
  return { socket, next: async () => JSON.parse((await lines.next()).value ?? '{"kind":"hung up"}') }
}

const request = (socket: Socket, value: unknown) => socket.write(`${JSON.stringify(value)}\n`)

describe("the socket of a client", () => {
  it("is there again after kill -9, and commands reach the next client", async () => {
    const killed = await ground.serving("a")
    killed.kill("SIGKILL")
    await killed.ended()
    const client = await ground.serving("a")
    expect(await ground.command("a", "list")).toMatchObject({ code: 0, lines: ["no documents"] })
    expect(await ground.command("a", "quit")).toMatchObject({
      code: 0,
      lines: [`the client (process ${client.pid}) has ended`],
    })
  })

  it("leaves one owner of clients and commands that start at the same moment, and all commands are done", async () => {
    const names = ["1", "2", "3", "4", "5"]
    await ground.config("a")
    await Promise.all(names.map((name) => writeFile(ground.path("a", name), name.repeat(1_000))))
    const all = await Promise.all(names.map((name) => ground.command("a", "upload", name, `${name}.json`)))
    for (const each of all) expect(each).toMatchObject({ code: 0, errors: "" })
    const { lines } = await ground.command("a", "list", "--json")
    expect(JSON.parse(lines[0] ?? "").documents).toHaveLength(5)
    const clients = ["1", "2", "3"].map(() => ground.client(ground.path("a.json"), "--plain", "--seed"))
    const said = await Promise.all(clients.map((client) => client.line(/^listening on/)))
    expect(new Set(said).size).toBe(1)
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
    const codes = await Promise.all(clients.map((client) => client.ended()))
    expect(codes.toSorted()).toEqual([0, 9, 9])
  })

  it("works in a folder whose path is longer than a socket's may be", async () => {
    const service = ["a", ...Array.from({ length: 4 }, (_, place) => `${place}`.repeat(50))].join("/")
    await mkdir(ground.path(service), { recursive: true })
    await ground.serving("a", { self: { service, host: "127.0.0.1", port: 0 } })
    expect(await ground.command("a", "list")).toMatchObject({ code: 0, lines: ["no documents"] })
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
  })

  it("is in the runtime folder when the state folder is open to others", async () => {
    await mkdir(ground.path("state"), { mode: 0o755 })
    const env = { XDG_RUNTIME_DIR: ground.path("runtime") }
    await mkdir(ground.path("runtime"), { mode: 0o700 })
    const config = await ground.config("a", { state: "state" })
    const client = ground.run(clientCommand(config, "--plain", "--seed"), env)
    await client.line(/^listening on/)
    // Found without the variable, as by cron.
    expect(await ground.command("a", "list")).toMatchObject({ code: 0, lines: ["no documents"] })
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
  })

  it("of a stopped client is given up with a sentence", async () => {
    const client = await ground.serving("a")
    client.kill("SIGSTOP")
    const refused = await ground.command("a", "list")
    client.kill("SIGCONT")
    expect(refused.code).toBe(6)
    expect(refused.errors).toMatch(/^ERROR in_use .*locked by .*; it does not answer; is it stopped\?\n$/)
    expect(await ground.command("a", "list")).toMatchObject({ code: 0 })
  })
})

describe("callers of a client", () => {
  it("of another version are refused with a sentence, and may still end it", async () => {
    const client = await ground.serving("a")
    const other = await stranger()
    const { version } = await other.next()
    request(other.socket, { kind: "hello", version: "p2p-tui 0.0.1", notes: "all" })
    expect(await other.next()).toEqual({ kind: "refused", message: `it is ${version}, and is called by p2p-tui 0.0.1` })
    const ending = await stranger()
    await ending.next()
    request(ending.socket, { kind: "quit" })
    expect(await client.ended()).toBe(0)
  })

  it("that send nonsense, no end of a line, or nothing are refused or forgotten", async () => {
    const client = await ground.serving("a")
    // What a client opens after it listens, its log above all, is there by now.
    await ground.command("a", "list")
    const before = handlesOf(client.pid)
    for (const nonsense of ['{"kind":"run","run":1,"command":["list"]}\n', "no JSON\n", "x".repeat(600_000), "[]\n"]) {
      const { socket, next } = await stranger()
      await next()
      socket.write(nonsense)
      await new Promise((resolve) => socket.resume().once("close", resolve))
    }
    expect(await ground.command("a", "list")).toMatchObject({ code: 0 })
    await untilHandles(client, before)
  })

  it("that read nothing hold up neither the client nor other callers, whatever they ask for", async () => {
    const client = await ground.serving("a")
    const { socket, next } = await stranger()
    const { version } = await next()
    request(socket, { kind: "hello", version, notes: "all" })
    await next()
    socket.pause()
    for (let run = 0; run < 100_000; run++) request(socket, { kind: "run", run, command: ["help"] })
    expect(await ground.command("a", "list")).toMatchObject({ code: 0, lines: ["no documents"] })
    // Its requests wait unread: what it does not take is not made.
    expect(socket.writableLength).toBeGreaterThan(0)
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
    expect(await client.ended()).toBe(0)
  })

  it("are at most 64 at a time; quit is always possible", async () => {
    await ground.serving("a")
    for (let count = 0; count < 64; count++) {
      const { socket, next } = await stranger()
      const { version } = await next()
      request(socket, { kind: "hello", version, notes: "none" })
      expect(await next()).toMatchObject({ kind: "ready" })
    }
    const refused = await ground.command("a", "list")
    expect(refused.code).toBe(6)
    expect(refused.errors).toMatch(/refuses: 64 programs are attached to it; end one of them\n$/)
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
  })

  it("leave no descriptor behind: 20 commands in a row", async () => {
    const client = await ground.serving("a")
    await ground.command("a", "list")
    const before = handlesOf(client.pid)
    for (let count = 0; count < 20; count++) expect((await ground.command("a", "list")).code).toBe(0)
    await untilHandles(client, before)
  })
})

/** The kernel closes a connection a moment after its program has ended. */
async function untilHandles(client: Program, most: number): Promise<void> {
  await untilSo(() => handlesOf(client.pid) <= most)
}
