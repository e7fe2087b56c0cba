/** Four snapshots a second while something moves: numbers that change faster can't be read. */
const SHORTEST_MS = 250
/** A progress that moves once a second still reads as progress. */
const LONGEST_MS = 1_000
/** Drawing takes at most one part in this number of the thread's time, because transfers share the thread. */
const SHARE = 20

/** Milliseconds from one picture to the next when the last one took `drawingMs` to draw: on a slow machine, fewer of them. */
export function intervalFor(drawingMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * drawingMs))
}

/** Calls `done` with how long it takes until everything that `begin` sets off in this turn has run, React and Ink included. */
export function timeDrawing(begin: () => void, done: (drawingMs: number) => void): void {
  const fromMs = performance.now()
  begin()
  // The store calls its listeners, and React draws, in microtasks; a tick asked for in one comes after the last of them.
  queueMicrotask(() => process.nextTick(() => done(performance.now() - fromMs)))
}
