import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { all, FolderRig, faultOf, folderTorrent, putParts, readsRight, selected } from "../testing/folder-document.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"
import type { DocumentStore } from "./document-store.js"

let rig: FolderRig
afterEach(() => rig.close())

const had = ({ have }: DocumentStore) => all.filter((index) => have.has(index))

/**
 * A process that opens the download with some files, does `work`, and is killed before its call number `killAt` that changes names on the disk.
 * Resolves to whether it was.
 */
async function isKilled(
  work: Scenario["work"],
  opened: readonly string[] | undefined,
  killAt: number,
): Promise<boolean> {
  const module = (name: string) => JSON.stringify(new URL(`../../dist/core/${name}.js`, import.meta.url).href)
  const torrentPath = join(rig.base, "torrent.json")
  writeFileSync(torrentPath, serializeTorrent(folderTorrent))
  const script = `
    import fs, { constants, promises, readFileSync, rmSync } from "node:fs"
    import { syncBuiltinESMExports } from "node:module"
    let calls = 0
    function count(owner, name) {
      const real = owner[name]
      owner[name] = (...given) => {
        const isChange = !name.startsWith("open") || (typeof given[1] === "number" && (given[1] & constants.O_CREAT) !== 0)
        if (isChange && isCounting && calls++ === ${killAt}) process.kill(process.pid, "SIGKILL")
        return real(...given)
      }
    }
    for (const name of ["mkdir", "open", "rename", "rmdir", "unlink"]) count(promises, name)
    // What threads do is done here, so that it is counted.
    for (const name of ["mkdirSync", "openSync", "renameSync"]) count(fs, name)
    let isCounting = ${work === ""}
    syncBuiltinESMExports()
    const { hasherOfThisThread } = await import(${module("testing/hasher-of-this-thread")})
    const { createDisk } = await import(${module("store/disk")})
    const { openDownload } = await import(${module("store/open-download")})
    const { parseTorrent } = await import(${module("torrent/parse-torrent")})
    const { FileSelection } = await import(${module("torrent/file-selection")})
    const torrent = parseTorrent(readFileSync(${JSON.stringify(torrentPath)}))
    rmSync(${JSON.stringify(torrentPath)})
    const selected = (paths) => paths && new FileSelection(torrent.files, (index) => paths.includes(torrent.files.path(index)))
    const disk = createDisk({ hasher: hasherOfThisThread({ pause: async () => undefined }) })
    const filePath = ${JSON.stringify(rig.target)}
    const store = await openDownload({ disk, torrent, filePath, selection: selected(${JSON.stringify(opened)}) })
    isCounting = true
    ${work}
    await store.close()
    await disk.close()`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "ignore", "inherit"],
  })
  const [code, signal] = await once(child, "exit")
  expect([code, signal]).toEqual(signal === null ? [0, null] : [null, "SIGKILL"])
  return signal !== null
}

interface Scenario {
  /** Files that are wanted, and parts that are stored, before. */
  readonly wanted: readonly string[] | undefined
  readonly parts: readonly number[]
  readonly isFinished?: boolean
  /** Files that are wanted when the killed process opens the download. */
  readonly opened: readonly string[] | undefined
  /** What it does then; nothing where its opening is the work. */
  readonly work: string
}

const SMALL = ["data/small"]
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "opens with a wider selection": { wanted: SMALL, parts: [4], opened: undefined, work: "" },
  "widens the selection of a running download": {
    ...{ wanted: SMALL, parts: [4], opened: SMALL, work: "await store.select(undefined)" },
  },
  "opens a finished folder with a wider selection": {
    ...{ wanted: SMALL, parts: [4], isFinished: true, opened: undefined, work: "" },
  },
  "finishes some files": {
    wanted: [...SMALL, "bin/run"],
    parts: [0, 4],
    opened: [...SMALL, "bin/run"],
    work: "await store.complete()",
  },
  "finishes after the selection was narrowed": {
    ...{ wanted: undefined, parts: [0, 1, 4], opened: undefined },
    work: `await store.select(selected(["data/small", "empty"])); await store.complete()`,
  },
  "finishes all files, of which some were kept aside": {
    ...{ wanted: undefined, parts: all, opened: undefined, work: "await store.complete()" },
  },
}

/** The state before the killed process. */
async function prepare({ wanted, parts, isFinished = false }: Scenario): Promise<void> {
  rig = new FolderRig()
  const store = await rig.download(
    folderTorrent,
    selected(...(parts.length === all.length ? SMALL : (wanted ?? all.map(String)))),
  )
  if (wanted === undefined && parts.length < all.length) await store.select(undefined)
  await putParts(store, 4)
  if (parts.length === all.length) await store.select(undefined)
  await putParts(store, ...parts)
  if (isFinished) await store.complete()
  await store.close()
}

describe("a process that is killed at any change of a name on the disk", () => {
  it.each(Object.keys(SCENARIOS))(
    "while it %s has lost no part, and no byte is believed that is not right",
    async (name) => {
      const scenario = SCENARIOS[name]
      if (scenario === undefined) throw new Error("no such scenario")
      let kills = 0
      for (let wasKilled = true; wasKilled; ) {
        await prepare(scenario)
        wasKilled = await isKilled(scenario.work, scenario.opened, kills)
        if (wasKilled) kills++
        const store = await rig.download()
        await store.checkDoubtful()
        expect(had(store), `killed before change ${kills}`).toEqual(expect.arrayContaining([...scenario.parts]))
        for (const index of had(store)) expect(await readsRight(store, index)).toBe(true)
        if (store.isGrowing) {
          await putParts(store, ...all.filter((index) => !store.have.has(index)))
          await store.complete()
        }
        expect(faultOf(rig.target)).toBeUndefined()
        expect(readdirSync(rig.base).filter((each) => each.startsWith("folder"))).toEqual(["folder"])
        if (wasKilled) await rig.close()
      }
      expect(kills).toBeGreaterThan(0)
    },
  )
})
