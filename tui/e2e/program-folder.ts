import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder for programs that work together on this machine: their service folders and configs. */
export class ProgramFolder {
  readonly root: string

  /** `label` is seen in its name. */
  constructor(label: string) {
    this.root = mkdtempSync(join(tmpdir(), `p2p-tui-${label}-`))
  }

  path(...names: readonly string[]): string {
    return join(this.root, ...names)
  }

  /** Writes the config of a client whose service folder is `name`, makes that folder, and returns the config's path. */
  writeConfig(name: string, trackerPort: number, extra: Readonly<Record<string, unknown>> = {}): string {
    mkdirSync(this.path(name), { recursive: true })
    const config = {
      self: { service: name, host: "127.0.0.1", port: 0 },
      tracker: { host: "http://127.0.0.1", port: trackerPort },
      ...extra,
    }
    writeFileSync(this.path(`${name}.json`), JSON.stringify(config))
    return this.path(`${name}.json`)
  }

  /** Patiently: a program that is ending may still write there. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
