import "../testing/on-simulated-disk.js"
import { setImmediate } from "node:timers/promises"
import { expect, it } from "vitest"
import { selectionTrials } from "../testing/disk-trials.js"
import { FakeClock } from "../testing/fake-clock.js"
import { hasherOfThisThread } from "../testing/hasher-of-this-thread.js"
import { SimulatedDisk } from "../testing/simulated-disk.js"
import { mount, SIMULATED_FOLDER } from "../testing/simulated-fs.js"
import { folderDocument } from "../testing/trial-document.js"
import { FileSelection } from "../torrent/file-selection.js"
import { createDisk } from "./disk.js"
import { openDownload } from "./open-download.js"

selectionTrials(folderDocument)

const { parts, torrent, name } = folderDocument

/** The file with this path alone. */
function onlyFile(path: string): FileSelection {
  const { files } = torrent
  if (files === undefined) throw new Error("the document is no folder")
  return new FileSelection(files, (index) => files.path(index) === path)
}

it("finishes a folder in which no file that was moved aside is back after a power failure [A17]", async () => {
  // Loses every change of a name that was not synced.
  const simulated = new SimulatedDisk({ random: () => 0 })
  mount(simulated)
  const open = (selection: FileSelection | undefined) => {
    const disk = createDisk({ hasher: hasherOfThisThread(simulated), clock: new FakeClock() })
    return openDownload({ disk, torrent, filePath: `${SIMULATED_FOLDER}/${name}`, selection })
  }
  const before = await open(undefined)
  for (const index of [1, 4, 5]) await before.put(index, parts[index] ?? Buffer.alloc(0))
  await before.close()
  expect(simulated.names).toContain("folder.part/data/large")
  const wanted = onlyFile("data/aligned")
  const narrower = await open(wanted)
  await narrower.complete()
  await narrower.close()
  simulated.stop("power cut")
  await setImmediate()
  simulated.start()
  expect(folderDocument.filesOf(simulated, name)).toEqual(["folder/data/aligned", "folder/data/deep/small"])
  const next = await open(wanted)
  expect(next.isComplete).toBe(true)
  await next.close()
})
