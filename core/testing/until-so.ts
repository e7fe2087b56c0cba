import { vi } from "vitest"

/**
 * Waits until a condition holds that no event announces, and resolves to what it is then; 20 s at most, for other programs may have the
 * processor. Fake timers advance by `intervalMs` with each look.
 */
export async function untilSo<T>(holds: () => T | Promise<T>, intervalMs = 20) {
  return vi.waitUntil(holds, { timeout: 20_000, interval: intervalMs })
}
