/** Exit statuses of lmdb-check. Other statuses say nothing about the file. */
export const CHECK_SOUND = 0
export const CHECK_DAMAGED = 20
export const CHECK_CANT_TELL = 21

/** How a run of lmdb-check ended. */
export interface CheckEnd {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

export type Verdict = "sound" | "damaged" | "can't tell"

/** lmdb.h: MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_INVALID ("the environment file headers are corrupted"). */
const DAMAGE = [-30_797, -30_796, -30_793]

export function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && DAMAGE.includes(Number(error.code))
}

/** What a damaged file may do to its reader. SIGKILL is none of them: the kernel ends processes that take too much memory. */
const CRASHES: readonly (NodeJS.Signals | null)[] = ["SIGBUS", "SIGSEGV", "SIGABRT", "SIGILL", "SIGFPE"]

/**
 * The file is damaged if lmdb-check reports it, or crashes twice on this file and not on a fresh one: a lack of threads,
 * memory or rights is no reason to set a sound file aside.
 */
export async function judge(
  checkFile: () => Promise<CheckEnd>,
  checkFreshFile: () => Promise<CheckEnd>,
): Promise<Verdict> {
  const first = await checkFile()
  if (!CRASHES.includes(first.signal)) return verdictOf(first)
  if (verdictOf(await checkFreshFile()) !== "sound") return "can't tell"
  const second = await checkFile()
  return CRASHES.includes(second.signal) ? "damaged" : verdictOf(second)
}

function verdictOf({ status }: CheckEnd): Verdict {
  return status === CHECK_SOUND ? "sound" : status === CHECK_DAMAGED ? "damaged" : "can't tell"
}
