/** How often this process has waited for a disk, another thread or a timer; undefined where the system does not count that, as Windows. */
export function processWaits(): number | undefined {
  return process.resourceUsage().voluntaryContextSwitches || undefined
}
