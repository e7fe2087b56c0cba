import { once } from "node:events"
import { type AddressInfo, createServer, type Server } from "node:net"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { ConfigError } from "../../core/index.js"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { freePort } from "../../core/testing/free-port.js"
import { TAKE_OVER_AFTER_MS, TrackerOwner } from "./tracker-owner.js"
import { startUploadTracker, uploadTrackerPorts } from "./upload-tracker.js"

const HOST = "127.0.0.1"
const closers: (() => unknown)[] = []

// The answer of a tracker is waited for 3 s: loading its code must not count.
beforeAll(() => import("../../tracker/program/server.js"))

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** What one client without a config needs to start its tracker, and what it says. */
function client() {
  const [onStarted, onProblem, onPortTaken, onLooked] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  const clock = new FakeClock()
  const after = (waitMs: number, act: () => void) => clock.after(waitMs, act)
  const owner = new TrackerOwner([], { onStarted, onPortTaken, onLooked, onProblem: () => {} }, after)
  closers.push(() => owner.close())
  const start = (...ports: readonly number[]) => startUploadTracker({ host: HOST, owner, onProblem }, ports, true)
  return { owner, clock, onStarted, onProblem, onLooked, start }
}

/** A port of another program. */
async function taken(): Promise<number> {
  const server: Server = createServer((socket) => socket.destroy()).listen(0, HOST)
  await once(server, "listening")
  closers.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const urlAt = (port: number) => ({ url: `http://${HOST}:${port}`, isHere: false })
const answers = async (port: number) => (await fetch(`http://${HOST}:${port}/health`)).status === 200

describe("the tracker of a client without a config", () => {
  it("starts at the first port that no other program has, and is reported [P12]", async () => {
    const { start, onStarted, onProblem, owner } = client()
    const port = await freePort()
    expect(await start(await taken(), port)).toEqual(urlAt(port))
    expect([owner.owns, await answers(port)]).toEqual([true, true])
    expect(onStarted).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ address: expect.anything() }), true)
    expect(onProblem).not.toHaveBeenCalled()
  })

  it("is the tracker of another client where one runs, until that ends and this client starts its own [P12]", async () => {
    const [first, second] = [client(), client()]
    const port = await freePort()
    await first.start(port)
    expect(await second.start(port)).toEqual(urlAt(port))
    expect([first.owner.owns, second.owner.owns]).toEqual([true, false])
    await first.owner.close()
    second.owner.takeOver()
    second.clock.advance(TAKE_OVER_AFTER_MS)
    await second.owner.looked()
    expect([second.owner.owns, await answers(port)]).toEqual([true, true])
    expect(second.onLooked).toHaveBeenCalledOnce()
  })

  it("starts in one of two clients that try at once, and the other one uses it [P12]", async () => {
    const [first, second] = [client(), client()]
    const port = await freePort()
    expect(await Promise.all([first.start(port), second.start(port)])).toEqual([urlAt(port), urlAt(port)])
    expect([first.owner.owns, second.owner.owns].toSorted()).toEqual([false, true])
  })

  it("does not start where every port is taken, and the reason names the ports [P12]", async () => {
    const { start, onProblem, owner } = client()
    const ports = [await taken(), await taken()]
    expect(await start(...ports)).toBeUndefined()
    expect(onProblem).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`the ports ${ports.join(", ")};`))
    owner.takeOver()
    await owner.looked()
    expect(owner.owns).toBe(false)
  })

  it("does not start where it can't listen; the reason is reported, and no upload fails [P12]", async () => {
    const { start, onProblem, owner } = client()
    vi.spyOn(owner, "startAt").mockRejectedValue(new ConfigError("listen_failed", "no buffer space available"))
    expect(await start(await freePort())).toBeUndefined()
    expect(onProblem).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/no buffer space available; documents/))
  })

  it("does not start when the client is closed meanwhile [P12]", async () => {
    const { start, owner } = client()
    const port = await freePort()
    const starting = start(port)
    await owner.close()
    await starting
    await expect(answers(port)).rejects.toThrow()
  })

  it("is tried at its port of the last run first, then from 7101 to 7110 [P12]", () => {
    const usual = [7101, 7102, 7103, 7104, 7105, 7106, 7107, 7108, 7109, 7110]
    expect(uploadTrackerPorts(undefined)).toEqual(usual)
    expect(uploadTrackerPorts(7103)).toEqual([7103, 7101, 7102, ...usual.slice(3)])
    expect(uploadTrackerPorts(9000)).toEqual([9000, ...usual])
  })
})
