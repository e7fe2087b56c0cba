/** Facts that are times of the engine's clock, which says nothing to a reader of JSON, as whole seconds before or after now. */
const TIMES: Readonly<
  Record<string, { readonly name: string; readonly seconds: (atMs: number, nowMs: number) => number }>
> = {
  answeredAtMs: { name: "answered_seconds_ago", seconds: (atMs, nowMs) => Math.floor((nowMs - atMs) / 1_000) },
  seederLeftAtMs: { name: "seeder_left_seconds_ago", seconds: (atMs, nowMs) => Math.floor((nowMs - atMs) / 1_000) },
  // As the sentence says it: "again in 12 s".
  retryAtMs: { name: "retry_in_seconds", seconds: (atMs, nowMs) => Math.ceil((atMs - nowMs) / 1_000) },
}

/** Facts of the engine as `--json` shows them: names in snake_case, unknown is null, times in seconds from `nowMs`. */
export function factFields(facts: object | undefined, nowMs: number): Record<string, unknown> | null {
  if (facts === undefined) return null
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => factField(name, value, nowMs)))
}

function factField(name: string, value: unknown, nowMs: number): readonly [string, unknown] {
  const time = TIMES[name]
  if (time !== undefined) return [time.name, typeof value === "number" ? Math.max(0, time.seconds(value, nowMs)) : null]
  const snake = name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
  return [snake, typeof value === "object" && value !== null ? factFields(value, nowMs) : (value ?? null)]
}
