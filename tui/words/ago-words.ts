/** "just now", "10 s ago", "3 min ago", "2 h ago". In coarse steps: a screen on which nothing happens must not change every second. */
export function agoWords(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1_000)
  if (seconds < 10) return "just now"
  if (seconds < 60) return `${seconds - (seconds % 10)} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`
}
