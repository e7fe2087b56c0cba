import { networkInterfaces } from "node:os"
import { errnoOf } from "../base/errors.js"
import { parseHost } from "./host.js"

/**
 * Every IP address of this machine's network interfaces, in normal form. Read again at each call, because laptops change networks. Empty if
 * the system does not list them (Android and some sandboxes refuse): then no address counts as our own until a dial reaches ourselves.
 */
export function machineHosts(): ReadonlySet<string> {
  const hosts = new Set<string>()
  for (const addresses of Object.values(interfaces())) {
    for (const { address } of addresses ?? []) {
      const parsed = parseHost(address)
      if (parsed !== undefined) hosts.add(parsed.host)
    }
  }
  return hosts
}

function interfaces(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces()
  } catch (error) {
    if (errnoOf(error) !== "ERR_SYSTEM_ERROR") throw error
    return {}
  }
}

/** True for 0.0.0.0, ::, localhost, 127/8, ::1 and the addresses of this machine. */
export function isThisMachine(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true
  const parsed = parseHost(host)
  if (parsed === undefined) return false
  return parsed.kind === "unspecified" || parsed.kind === "loopback" || machineHosts().has(parsed.host)
}

/**
 * The addresses under which a listener on `listeningHost` can be met: that address, or every one of this machine when
 * it listens on all of them. An announce answer that holds one of these with our port means ourselves.
 */
export function ownHosts(listeningHost: string): ReadonlySet<string> {
  if (listeningHost.toLowerCase() === "localhost") return new Set(["127.0.0.1", "::1"])
  const parsed = parseHost(listeningHost)
  if (parsed === undefined || parsed.kind === "unspecified") return machineHosts()
  return new Set([parsed.host])
}
