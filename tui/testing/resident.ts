import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Playground } from "../e2e/playground.js"
import { type Program, watchedClientCommand } from "../e2e/program.js"
import type { Resources } from "./tell-resources.js"
import { floorsOf, slopeOf, type Vitals, vitalsOf } from "./vitals.js"

const TELLS_RESOURCES = fileURLToPath(new URL("./tell-resources.js", import.meta.url))

/** What is looked at, from inside and outside of the process. */
interface Look extends Vitals, Resources {
  readonly atSeconds: number
}

/** What the line through the floors may rise over a watch: some handles come and go, and a heap breathes. */
const MAX_RISE = { handles: 4, timers: 4, active: 4, liveMiB: 6, memoryMiB: 24 } as const
const MEASURES = Object.keys(MAX_RISE) as readonly (keyof typeof MAX_RISE)[]

/**
 * Looks of which the least counts, a minute's: what peers, reads and writes take for a moment is load, not a leak (a seeder
 * has 7 resources at rest and up to 77 at work), and a leak raises the floor.
 */
const FLOOR_LOOKS = 12

/** The beginning of a watch is not judged: caches fill, code is compiled. */
const WARM_UP_SHARE = 0.2

/** A client that lives through a whole soak, and what it holds while it does. */
export class Resident {
  readonly name: string
  readonly program: Program
  readonly #resourcesPath: string
  readonly #looks: Look[] = []
  readonly #startedAtMs = performance.now()

  private constructor(name: string, program: Program, resourcesPath: string) {
    this.name = name
    this.program = program
    this.#resourcesPath = resourcesPath
  }

  static async start(ground: Playground, name: string, limits: Readonly<Record<string, string>>): Promise<Resident> {
    const resourcesPath = ground.path(`${name}.resources`)
    const config = await ground.config(name, { limits })
    const command = watchedClientCommand(["--expose-gc", "--import", TELLS_RESOURCES], config, "--plain")
    const program = ground.run(["env", `RESOURCES_FILE=${resourcesPath}`, ...command])
    await program.line(/^listening on/)
    return new Resident(name, program, resourcesPath)
  }

  look(): void {
    const resources = existsSync(this.#resourcesPath) ? parsed(readFileSync(this.#resourcesPath, "utf8")) : undefined
    if (resources === undefined || !this.program.isRunning) return
    const atSeconds = (performance.now() - this.#startedAtMs) / 1_000
    this.#looks.push({ atSeconds, ...resources, ...vitalsOf(this.program.pid) })
  }

  /** One line of figures for each measure, and what rose too much. */
  judge(): { readonly lines: readonly string[]; readonly faults: readonly string[] } {
    const judged = this.#looks.slice(Math.floor(WARM_UP_SHARE * this.#looks.length))
    const seconds = (judged.at(-1)?.atSeconds ?? 0) - (judged[0]?.atSeconds ?? 0)
    const lines: string[] = []
    const faults = this.program.isRunning ? [] : [`the ${this.name} ended:\n${this.program.errors}`]
    for (const measure of MEASURES) {
      const values = judged.map((look) => look[measure])
      const points = judged.map((look) => ({ x: look.atSeconds, y: look[measure] }))
      const rise = seconds * slopeOf(floorsOf(points, FLOOR_LOOKS))
      const ofAll = (seconds * slopeOf(points)).toFixed(1)
      const span = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`
      lines.push(
        `${this.name}: ${measure} ${span}, floor rises by ${rise.toFixed(1)} (all ${values.length} looks: ${ofAll})`,
      )
      if (rise > MAX_RISE[measure]) faults.push(`the ${this.name}'s ${measure} rose by ${rise.toFixed(1)}`)
    }
    return { lines, faults }
  }
}

/** Undefined when it was read while it was being written. */
function parsed(text: string): Resources | undefined {
  try {
    return JSON.parse(text) as Resources
  } catch {
    return undefined
  }
}
