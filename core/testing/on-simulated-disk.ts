import { vi } from "vitest"

/** Imported first by a test: the store that it imports after this has a simulated disk (`mount`). */
vi.mock("node:fs", async (real) => (await import("./simulated-fs.js")).simulatedFs(await real()))
vi.mock("node:fs/promises", async (real) => (await import("./simulated-fs.js")).simulatedFsPromises(await real()))

// `sync --file-system` is another program; without it the files are synced one by one.
vi.mock("../store/sync-file-system.js", () => ({ syncFileSystem: async () => false }))

// The kernel proves the owner of a lock, which is not simulated: see lock.test.ts.
vi.mock("../store/lock.js", () => {
  const nothing = async () => undefined
  const acquireLock = async () => ({ lost: new AbortController().signal, confirm: nothing, release: nothing })
  return { acquireLock }
})
