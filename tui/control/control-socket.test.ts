import { once } from "node:events"
import { chmod, link, lstat, mkdir, readdir, symlink, writeFile } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { callOwner } from "./call-owner.js"
import { ControlLink } from "./control-link.js"
import { type ControlSocket, listenForCallers } from "./control-socket.js"

let folder: string
let state: string
const sockets: ControlSocket[] = []

inTemporaryFolder((path) => {
  folder = path
})
beforeEach(async () => {
  state = join(folder, "state")
  await mkdir(state, { mode: 0o700 })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) await socket.close()
})

/** Listens as a client does, and greets its callers. */
async function listening(runtime: readonly string[] = [join(folder, "runtime")], version = "p2p-tui 1.0.0") {
  const greeting = `${JSON.stringify({ control: 1, version, pid: 7, brief: false })}\n`
  const socket = await listenForCallers(state, (caller) => caller.on("error", () => {}).write(greeting), runtime)
  sockets.push(socket)
  return socket
}

async function called() {
  const owner = await callOwner(state)
  if (owner instanceof ControlLink) owner.close()
  return owner instanceof ControlLink ? owner.process : owner
}

describe("the socket of a client", () => {
  it("is in the state folder, for this user alone, and goes with it", async () => {
    const socket = await listening()
    expect(socket.path).toBe(join(state, "control"))
    expect((await lstat(join(state, "control"))).mode & 0o777).toBe(0o600)
    expect(await called()).toBe("process 7")
    await socket.close()
    expect(await readdir(state)).toEqual([])
    expect(await called()).toMatchObject({ mayPass: true })
  })

  it("takes the place of one whose client was killed", async () => {
    const killed = createServer().listen(join(folder, "killed"))
    await once(killed, "listening")
    await link(join(folder, "killed"), join(state, "control"))
    await new Promise((resolve) => killed.close(resolve))
    expect(await called()).toMatchObject({ why: expect.stringContaining("can't be used"), mayPass: true })
    await listening()
    expect(await called()).toBe("process 7")
  })

  it("is found by a path that is too long for a socket", async () => {
    state = join(
      state,
      ..."x"
        .repeat(4)
        .split("")
        .map((letter) => letter.repeat(60)),
    )
    await mkdir(state, { recursive: true })
    await chmod(state, 0o700)
    await listening()
    expect(await called()).toBe("process 7")
  })

  it("is in the runtime folder when others can enter the state folder, and is found there", async () => {
    await chmod(state, 0o755)
    const runtime = join(folder, "runtime")
    const socket = await listening([runtime])
    expect(socket.path).toMatch(new RegExp(`^${runtime}/[0-9a-f]{16}$`))
    expect((await lstat(runtime)).mode & 0o777).toBe(0o700)
    expect(await called()).toBe("process 7")
    await socket.close()
    expect([await readdir(state), await readdir(runtime)]).toEqual([[], []])
  })

  it.each([
    ["in the state folder", 0o700],
    ["in the runtime folder", 0o755],
  ])("leaves that of another client alone that has taken its place %s [E16]", async (_, mode) => {
    await chmod(state, mode)
    const lost = await listening()
    await listening(undefined, "p2p-tui 2.0.0")
    await lost.close()
    expect(await called()).toBe("process 7")
  })

  it("is in the next folder when the runtime folder can't be used", async () => {
    await chmod(state, 0o755)
    const entered = join(folder, "entered")
    await mkdir(entered, { mode: 0o755 })
    await symlink(entered, join(folder, "link"))
    await writeFile(join(folder, "file"), "")
    const last = join(folder, "last")
    const bad = [join("/proc", "none"), entered, join(folder, "link"), join(folder, "file")]
    expect((await listening([...bad, last])).path).toContain(last)
    expect(await called()).toBe("process 7")
  })

  it("is nowhere when no folder will do: both sides say why", async () => {
    await chmod(state, 0o755)
    const entered = join(folder, "entered")
    await mkdir(entered, { mode: 0o755 })
    const { path, problem } = await listening([entered])
    expect(path).toBeUndefined()
    expect(problem).toBe(
      `${state}: other users can enter it; chmod 700 it; ${entered}: other users can enter it; chmod 700 it`,
    )
    expect(await called()).toEqual({ why: `it takes no commands: ${problem}`, mayPass: false })
  })
})

describe("a call to a client", () => {
  it("says where it runs, if that is another machine", async () => {
    await writeFile(join(state, "control"), JSON.stringify({ host: "elsewhere", socket: "/run/x" }))
    expect(await called()).toEqual({ why: "it runs on elsewhere: give the command there", mayPass: false })
  })

  it.each([
    ["no JSON", "control"],
    ["other JSON", "[]"],
  ])("refuses %s in the place of the socket", async (_, text) => {
    await writeFile(join(state, "control"), text)
    expect(await called()).toMatchObject({ why: expect.stringContaining("is not of this program"), mayPass: false })
  })

  it("refuses what greets as a later version of the protocol", async () => {
    const greeting = { control: 2, version: "p2p-tui 9.0.0", pid: 7, brief: false }
    const socket = await listenForCallers(state, (caller) => caller.write(`${JSON.stringify(greeting)}\n`), [])
    sockets.push(socket)
    const why = "process 7 is p2p-tui 9.0.0, which this version can't talk to"
    expect(await called()).toEqual({ why, mayPass: false })
  })

  it("ends with a client that hangs up instead of greeting", async () => {
    const socket = await listenForCallers(state, (caller) => caller.destroy(), [])
    sockets.push(socket)
    expect(await called()).toEqual({ why: "it does not answer; is it stopped?", mayPass: true })
    const raw = connect(join(state, "control"))
    await once(raw, "close")
  })
})
