import { afterEach, beforeEach, vi } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"

/** Gives each test of a file an empty home folder, in which no config is found. */
export function inEmptyHome(take: (home: string) => void): void {
  let home: string
  inTemporaryFolder((folder) => {
    home = folder
    take(folder)
  })
  beforeEach(() => {
    vi.stubEnv("HOME", home)
    vi.stubEnv("XDG_CONFIG_HOME", undefined)
  })
  afterEach(() => vi.unstubAllEnvs())
}
