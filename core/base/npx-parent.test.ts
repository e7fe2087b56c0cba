import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { watchNpx } from "./npx-parent.js"

const NPX = { npm_command: "exec", npm_lifecycle_event: "npx", npm_lifecycle_script: "'p2p-tracker'" }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watch(environment: NodeJS.ProcessEnv) {
  const state = { parent: 7, isHungUp: false, gone: 0 }
  const npx = { environment, startedBy: 7, parent: () => state.parent, wasHungUp: () => state.isHungUp }
  const stop = watchNpx(() => void state.gone++, npx)
  return { state, stop }
}

describe("a program that npx started", () => {
  it("is told once that npx is gone, and not while it is there [P3]", () => {
    const { state } = watch(NPX)
    vi.advanceTimersByTime(3_600_000)
    expect(state.gone).toBe(0)
    state.parent = 1
    vi.advanceTimersByTime(60_000)
    expect(state.gone).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("stays when the terminal went and it was told to outlive that [P3]", () => {
    const { state } = watch(NPX)
    state.parent = 1
    vi.advanceTimersByTime(500)
    state.isHungUp = true
    vi.advanceTimersByTime(60_000)
    expect(state.gone).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is not told when it ends already", () => {
    const { state, stop } = watch(NPX)
    stop()
    state.parent = 1
    vi.advanceTimersByTime(60_000)
    expect(state.gone).toBe(0)
  })
})

it.each([
  ["by hand", {}],
  ["in a script of npm", { ...NPX, npm_command: "run-script", npm_lifecycle_event: "start" }],
  ["in a shell of another program of npx", { ...NPX, npm_lifecycle_script: "vitest" }],
  ["by npx in the background of its shell", { ...NPX, npm_lifecycle_script: "p2p-tracker &" }],
])("a program that was started %s may outlive who started it [P3]", (_how, environment) => {
  watch(environment)
  expect(vi.getTimerCount()).toBe(0)
})
