import { readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { errnoOf } from "../base/errors.js"
import {
  type AddressChoice,
  chooseAddress,
  defaultRouteOf,
  type RankedAddress,
  rankAddresses,
} from "./choose-address.js"
import { parseHost } from "./host.js"

/**
 * Every IP address of this machine's network interfaces, in normal form. Read again at each call, because laptops change networks. Empty if
 * the system does not list them (Android and some sandboxes refuse): then no address counts as our own until a dial reaches ourselves.
 */
export function machineHosts(): ReadonlySet<string> {
  const hosts = new Set<string>()
  for (const addresses of Object.values(systemInterfaces())) {
    for (const { address } of addresses ?? []) {
      const parsed = parseHost(address)
      if (parsed !== undefined) hosts.add(parsed.host)
    }
  }
  return hosts
}

/** What the system lists; nothing where it refuses. */
export function systemInterfaces(): ReturnType<typeof networkInterfaces> {
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

/** The addresses of this machine at which others may reach a listener, the most useful first. Read again at each call. */
export function reachableHosts(listeningHost: string): readonly RankedAddress[] {
  return rankAddresses(systemInterfaces(), listeningHost, worldInterface())
}

/** The address of this machine that other machines get, as it is now. `named`: by the user. */
export function addressForOthers(listeningHost: string, named?: string): AddressChoice | undefined {
  return chooseAddress({ named, listeningHost }, systemInterfaces(), worldInterface())
}

/** Linux lists its routes in a file; elsewhere the order in which the system lists its interfaces has to do. */
function worldInterface(): string | undefined {
  if (process.platform !== "linux") return undefined
  try {
    return defaultRouteOf(readFileSync("/proc/net/route", "latin1"))
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
