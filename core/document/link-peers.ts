import { parseHostLists } from "../address/host-list.js"
import { isStrangersPort } from "../address/strangers-port.js"
import { ownHosts } from "../address/this-machine.js"
import { ListedHosts } from "../meeting/listed-hosts.js"
import type { Link } from "../torrent/link.js"
import type { ClientResources } from "./client-resources.js"

type LinkPeerResources = Pick<
  ClientResources,
  "lookup" | "clock" | "random" | "listeningHost" | "listeningPort" | "onEvent"
>

/**
 * Offers the peers that a link names (`x.pe`); names are looked up, and again while nothing has come of them. Ports below 1024 are left out,
 * as for every stranger's word. Returns the end of it.
 */
export function linkPeers(
  { peers }: Link,
  { lookup, clock, random, listeningHost, listeningPort, onEvent }: LinkPeerResources,
  onPeers: (addresses: readonly string[]) => void,
): () => void {
  const hosts = peers.flatMap((peer) => {
    const parsed = parseHostLists([peer])
    return typeof parsed === "string" ? [] : parsed.filter(({ port }) => isStrangersPort(port))
  })
  const listed = new ListedHosts({
    ...{ hosts, lookup, clock, random },
    ownHosts: () => ownHosts(listeningHost),
    ownPort: listeningPort,
    onEvent: (event) => onEvent({ ...event, message: "names of peers in the link lead nowhere" }),
  })
  listed.join({ localName: undefined, isOpen: false, lacksParts: () => true, onPeers })
  return () => listed.close()
}
