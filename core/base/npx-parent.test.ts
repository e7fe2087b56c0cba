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
  it("is notified once when npx has ended, and not before [P3]", () => {
    const { state } = watch(NPX)
    vi.advanceTimersByTime(3_600_000)
    expect(state.gone).toBe(0)
    state.parent = 1
    vi.advanceTimersByTime(60_000)
    expect(state.gone).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("stays when the terminal closed under nohup [P3]", () => {
    const { state } = watch(NPX)
    state.parent = 1
    vi.advanceTimersByTime(500)
    state.isHungUp = true
    vi.advanceTimersByTime(60_000)
    expect(state.gone).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is not notified while it ends itself", () => {
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
])("a program that was started %s may outlive its parent [P3]", (_how, environment) => {
  watch(environment)
  expect(vi.getTimerCount()).toBe(0)
})
