import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { parseHost } from "../../core/address/host.js"

const HOSTS_FILE = process.platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts"

/** Header texts that were looked at and are right: a tracker is called by few names. */
const MAX_KEPT = 64

/** Decides whether the Host header of a request over loopback names this machine. */
export interface LocalNames {
  /** `header`: "name:port" or "name"; undefined (HTTP/1.0) is accepted. */
  has(header: string | undefined): boolean
}

/**
 * An address, a name without a dot, "localhost" and names below it, this machine's own name, and names that its hosts file
 * takes for loopback (Debian's 127.0.1.1). No other: a page whose name was made to point at this machine (DNS rebinding) has
 * one of the public kind. `more`: the configured name to listen on.
 */
export function createLocalNames(more: string, hostsText = readHosts()): LocalNames {
  const own = new Set([hostname().toLowerCase(), more.toLowerCase(), ...loopbackNames(hostsText)])
  const kept = new Set<string>()
  return {
    has(header) {
      if (header === undefined || kept.has(header)) return true
      const name = (/^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(header)?.[1] ?? header).toLowerCase().replace(/\.$/, "")
      const isLocal =
        parseHost(name) !== undefined || !/[.:]/.test(name) || name.endsWith(".localhost") || own.has(name)
      if (isLocal && kept.size < MAX_KEPT) kept.add(header)
      return isLocal
    },
  }
}

function readHosts(): string {
  try {
    return readFileSync(HOSTS_FILE, "utf8")
  } catch {
    // Names that it would tell are refused then, with a sentence.
    return ""
  }
}

/** "127.0.1.1 host.example host # comment" */
function loopbackNames(hostsText: string): string[] {
  return hostsText.split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/)
    return parseHost(address)?.kind === "loopback" ? names.map((name) => name.toLowerCase()) : []
  })
}
