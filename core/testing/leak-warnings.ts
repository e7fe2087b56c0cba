import { onTestFinished, vi } from "vitest"

/** Node's warnings about too many listeners of one object, from now to the end of the test. */
export function leakWarnings(): () => readonly unknown[] {
  const warn = vi.spyOn(process, "emitWarning")
  onTestFinished(() => warn.mockRestore())
  return () =>
    warn.mock.calls
      .map(([warning]) => warning)
      .filter((warning) => warning instanceof Error && warning.name === "MaxListenersExceededWarning")
}
