import { vi } from "vitest"

type Truthy<T> = T extends false | "" | 0 | null | undefined ? never : T

/**
 * Waits until a condition holds that no event announces, and resolves to what it is then; 60 s at most, for other programs may have the
 * processor. A condition that throws does not hold yet: what it looks at may be half written, or not there. Fake timers advance by
 * `intervalMs` with each look.
 */
export async function untilSo<T>(holds: () => T | Promise<T>, intervalMs = 20): Promise<Truthy<T>> {
  // Made here, where its stack names the test.
  const notSo = new Error(`this did not come true: ${holds}`)
  const look = async () => {
    const value = await holds()
    if (!value) throw notSo
    return value as Truthy<T>
  }
  return vi.waitFor(look, { timeout: 60_000, interval: intervalMs })
}
