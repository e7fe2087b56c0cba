import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"

/**
 * Gives each test of a file (or of a `describe`) a new folder. It is deleted after the `afterEach` of all hooks that stand below this call:
 * vitest runs those in reverse order.
 */
export function inTemporaryFolder(take: (folder: string) => void): void {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "p2p-tui-test-"))
    take(folder)
  })
  afterEach(() => rm(folder, { recursive: true }))
}
