import { ConfigError } from "../../core/index.js"

/** A config that can't be used: one sentence for each fault. */
export class BadConfigError extends ConfigError {
  readonly faults: readonly string[]

  constructor(path: string, faults: readonly string[], options?: ErrorOptions) {
    super("bad_config", `${path}: ${faults.join("; ")}`, options)
    this.faults = faults.map((fault) => `${path}: ${fault}`)
  }
}
