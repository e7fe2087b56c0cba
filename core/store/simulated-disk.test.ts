import { vi } from "vitest"
import { diskTrials } from "../testing/disk-trials.js"
import { fileDocument } from "../testing/trial-document.js"

vi.mock("node:fs", async (real) => (await import("../testing/simulated-fs.js")).simulatedFs(await real()))
vi.mock("node:fs/promises", async (real) =>
  (await import("../testing/simulated-fs.js")).simulatedFsPromises(await real()),
)

// The kernel proves the owner of a lock, which is not simulated: see lock.test.ts.
vi.mock("./lock.js", () => {
  const nothing = async () => undefined
  const acquireLock = async () => ({ lost: new AbortController().signal, confirm: nothing, release: nothing })
  return { acquireLock }
})

diskTrials(fileDocument)
