import { rename, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client, CommandOptions } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(() => rig.close())

describe("a command whose signal is aborted", () => {
  it("ends at once, and an interrupted download stays in the list and can be resumed", async () => {
    const content = await rig.sample("a", "disc.iso", 40 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    await writeFile(rig.path("half"), content.subarray(0, 20 * SAMPLE_PART_BYTES))
    const leecher = await rig.open("b")
    await rename(rig.path("half"), rig.path("b", "copy.iso.part"))
    const leaving = new AbortController()
    const checking = rig.until(leecher, () => leecher.snapshot().documents[0]?.state === "checking")
    const begun = leecher.download({ torrent: torrentPath, file: "copy.iso" }, { signal: leaving.signal })
    await checking
    leaving.abort(new Error("SIGTERM"))
    await expect(begun).rejects.toMatchObject({ code: "interrupted", cause: new Error("SIGTERM") })
    await rig.until(leecher, () => leecher.snapshot().documents[0]?.state === "seeding")
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })
})

/** What takes a signal: everything of a client that is waited for, but its end; `select` needs a folder and is in selection.test.ts. */
type Command = Exclude<
  { [K in keyof Client]: Client[K] extends (...given: never[]) => Promise<unknown> ? K : never }[keyof Client],
  "close" | "select"
>

interface Stage {
  readonly client: Client
  /** Of "disc.iso", which is shared. */
  readonly id: string
  readonly torrentPath: string
}

/** A command that is missing here does not compile. */
const COMMANDS: Readonly<Record<Command, (stage: Stage, options: CommandOptions) => Promise<unknown>>> = {
  upload: ({ client }, options) => client.upload({ file: "other.iso", torrent: "other.json" }, options),
  download: ({ client, torrentPath }, options) => client.download({ torrent: torrentPath, file: "copy.iso" }, options),
  export: ({ client, torrentPath }, options) => client.export(torrentPath, "disc.torrent", options),
  pause: ({ client, id }, options) => client.pause(id, options),
  resume: ({ client, id }, options) => client.resume(id, options),
  recheck: ({ client, id }, options) => client.recheck(id, options),
  repair: ({ client, id }, options) => client.repair(id, { ...options, replaceOwn: true }),
  remove: ({ client, id }, options) => client.remove(id, options),
  status: ({ client, id }, options) => client.status(id, options),
  opened: ({ client }, options) => client.opened(options),
}
const NAMES = Object.keys(COMMANDS) as Command[]
/** Nothing is left to wait for when the documents of the start are open; see opened.test.ts. */
const PENDING = NAMES.filter((name) => name !== "opened")

describe("every command", () => {
  async function setUp(): Promise<Stage> {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    await rig.sample("a", "other.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    return { client, ...(await client.upload({ file: "disc.iso", torrent: "disc.json", open: true })) }
  }

  it.each(NAMES)("is not begun when its signal was aborted before: %s", async (name) => {
    const stage = await setUp()
    expect(await codeOf(COMMANDS[name](stage, { signal: AbortSignal.abort() }))).toBe("interrupted")
    expect(stage.client.snapshot().documents).toMatchObject([{ id: stage.id, state: "seeding" }])
    for (const written of ["other.json", "disc.torrent", "copy.iso.part"])
      expect(await rig.exists("a", written)).toBe(false)
  })

  it.each(PENDING)("settles when its signal is aborted while its document is being hashed: %s", async (name) => {
    const stage = await setUp()
    disk.repair()
    const release = disk.holdHashing()
    const checking = codeOf(stage.client.recheck(stage.id))
    await untilSo(() => disk.hashedSlices > 0)
    const leaving = new AbortController()
    const begun = COMMANDS[name](stage, { signal: leaving.signal })
    leaving.abort(new Error("SIGTERM"))
    await expect(begun).rejects.toMatchObject({ code: "interrupted", cause: new Error("SIGTERM") })
    release()
    rig.forget(stage.client)
    await stage.client.close()
    await checking
  })
})
