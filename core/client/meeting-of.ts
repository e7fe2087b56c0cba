import { parseHost } from "../address/host.js"
import { ownHosts } from "../address/this-machine.js"
import type { ClientOptions } from "../api/client-api.js"
import type { EventListener } from "../api/events.js"
import type { ClientResources } from "../document/client-resources.js"
import { ListedHosts } from "../meeting/listed-hosts.js"
import { LocalNetwork } from "../meeting/local-network.js"
import { meetingPlaces } from "../meeting/meeting.js"
import type { Seams } from "./seams.js"

/** Of the cookie by which a client knows its own datagrams. Our choice: no two clients of a network have the same. */
const COOKIE_BYTES = 8

/** Where this client is met: `listenedPort` is of this machine, where its neighbours reach it whatever a router in front of it maps. */
interface Self extends Pick<ClientResources, "listeningHost" | "listeningPort"> {
  readonly listenedPort: number
  readonly onEvent: EventListener
}

/** The places where a client's documents meet peers without a tracker. */
export function meetingOf(
  { peers = [], lan = true, listen }: ClientOptions,
  { listeningHost, listeningPort, listenedPort, onEvent }: Self,
  { clock, random, lookup, randomBytes, lan: network }: Seams,
): Pick<ClientResources, "meeting" | "listedHosts" | "isOnLan"> {
  const listed = new ListedHosts({
    ...{ hosts: peers, lookup, clock, random, onEvent },
    ownHosts: () => ownHosts(listeningHost),
    ownPort: listeningPort,
  })
  const isOnLan = lan && !isLoopback(listen.host)
  const cookie = Buffer.from(randomBytes(COOKIE_BYTES)).toString("hex")
  const local = new LocalNetwork({
    ...{ network, clock, random, onEvent, cookie },
    ...{ listeningHost: listen.host, listeningPort: listenedPort },
  })
  return { meeting: meetingPlaces(isOnLan ? [listed, local] : [listed]), listedHosts: peers.length, isOnLan }
}

/** Nobody on the local network reaches a client that listens there. */
function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || parseHost(host)?.kind === "loopback"
}
