import { vi } from "vitest"

/** Waits until a condition holds that no event announces; 20 s at most. */
export async function untilSo(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(holds, { timeout: 20_000, interval: 20 })
}
