import { readFileSync } from "node:fs"

/** What /proc/<pid>/stat says of a process that is there. */
export interface ProcessTimes {
  /** One letter, see proc(5): Z has ended and waits for its parent to look. */
  readonly state: string
  /** User and system seconds so far, of all its threads. */
  readonly cpuSeconds: number
}

/**
 * Looks at a process that is there. Source: proc(5), utime and stime are fields 14 and 15, in ticks of 10 ms.
 * @throws the system error ENOENT when it is gone
 */
export function processTimes(pid: number): ProcessTimes {
  // Field 3 is the first after the name in brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
  return { state: fields[0] ?? "", cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 }
}
