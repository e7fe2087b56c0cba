import { expect, it } from "vitest"
import { CHECK_CANT_TELL, CHECK_DAMAGED, CHECK_SOUND, type CheckEnd, isDamage, judge } from "./lmdb-verdict.js"

const status = (code: number): CheckEnd => ({ status: code, signal: null })
const signal = (name: NodeJS.Signals): CheckEnd => ({ status: null, signal: name })
/** The program could not be started at all. */
const noStart: CheckEnd = { status: null, signal: null }

it.each([
  ["sound", "it was read", [status(CHECK_SOUND)], []],
  ["damaged", "the checker says so", [status(CHECK_DAMAGED)], []],
  [
    "damaged",
    "it crashes its reader twice, and a fresh file does not",
    [signal("SIGBUS"), signal("SIGSEGV")],
    [status(0)],
  ],
  ["can't tell", "every file crashes the reader (no threads)", [signal("SIGABRT")], [signal("SIGABRT")]],
  ["can't tell", "the checker can't be started", [noStart], []],
  ["can't tell", "the checker can't be started after a crash", [signal("SIGBUS")], [noStart]],
  ["can't tell", "the checker has no right or no memory", [status(CHECK_CANT_TELL)], []],
  ["can't tell", "Node itself fails", [status(1)], []],
  ["can't tell", "the kernel ends it for want of memory", [signal("SIGKILL")], []],
  ["sound", "the crash does not come again", [signal("SIGSEGV"), status(CHECK_SOUND)], [status(0)]],
] as const)("says %s when %s [A15]", async (verdict, _why, ends, freshEnds) => {
  const [left, leftFresh] = [[...ends], [...freshEnds]]
  const next = (list: CheckEnd[]) => async () => {
    const end = list.shift()
    if (end === undefined) throw new Error("checked once too often")
    return end
  }
  expect(await judge(next(left), next(leftFresh))).toBe(verdict)
  expect([left, leftFresh]).toEqual([[], []])
})

it("takes nothing but LMDB's own words for damage [A15]", () => {
  expect(isDamage(Object.assign(new Error("invalid"), { code: -30_793 }))).toBe(true)
  for (const code of [-30_794, -30_795, 12, 13, "EACCES", undefined])
    expect(isDamage(Object.assign(new Error("other"), { code }))).toBe(false)
})
