/** Facts that are times of the engine's clock, which says nothing to a reader of JSON, as seconds before or after now. */
const TIMES: Readonly<Record<string, { readonly name: string; readonly sign: 1 | -1 }>> = {
  answeredAtMs: { name: "answered_seconds_ago", sign: -1 },
  retryAtMs: { name: "retry_in_seconds", sign: 1 },
}

/** Facts of the engine as `--json` shows them: names in snake_case, unknown is null, times in seconds from `nowMs`. */
export function factFields(facts: object | undefined, nowMs: number): Record<string, unknown> | null {
  if (facts === undefined) return null
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => factField(name, value, nowMs)))
}

function factField(name: string, value: unknown, nowMs: number): readonly [string, unknown] {
  const time = TIMES[name]
  if (time !== undefined) return [time.name, secondsOf(value, nowMs, time.sign)]
  const snake = name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
  return [snake, typeof value === "object" && value !== null ? factFields(value, nowMs) : (value ?? null)]
}

function secondsOf(value: unknown, nowMs: number, sign: 1 | -1): number | null {
  return typeof value === "number" ? Math.max(0, Math.round((sign * (value - nowMs)) / 1_000)) : null
}
