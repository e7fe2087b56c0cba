/** Ports below 1024 belong to other services: only a tracker may name one. */
const FIRST_ORDINARY_PORT = 1024

/** Whether an untrusted peer may make us dial that port. */
export function isStrangersPort(port: number): boolean {
  return port >= FIRST_ORDINARY_PORT
}
