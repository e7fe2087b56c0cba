import type { OnReadOpts } from "node:net"
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from "node:tls"
import type { PeerAddress } from "../../address/address.js"
import type { PreSharedKey } from "../../torrent/pre-shared-key.js"
import { TCP_KEEP_ALIVE_MS } from "../codec/constants.js"
import { createIdentity } from "../codec/psk-identity.js"
import { TLS_OPTIONS } from "../connection/tls-options.js"

/** The address to connect to, and the local address to connect from. */
export interface ConnectionEnds extends PeerAddress {
  readonly localAddress?: string
}

/** Made once, and not before the first private document is fetched. */
let context: ReturnType<typeof createSecureContext> | undefined

/**
 * Connects to a peer over TLS. "secureConnect" is emitted only when the peer has proved that it has the key; a peer that presents any
 * certificate instead ends in an error. No server name is sent: the client hello contains the PSK identity only.
 */
export function connectTls(ends: ConnectionEnds, { identityKey, key }: PreSharedKey, onread: OnReadOpts): TLSSocket {
  context ??= createSecureContext(TLS_OPTIONS)
  const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
    ...ends,
    secureContext: context,
    pskCallback: () => ({ identity: createIdentity(identityKey), psk: key }),
    // A peer without the key may still answer with a certificate. That is refused whatever NODE_TLS_REJECT_UNAUTHORIZED says, and
    // this is asked only then.
    rejectUnauthorized: true,
    checkServerIdentity: () => new Error("the peer has no key, only a certificate"),
    // As for plain sockets; it saves half of the cost of receiving (measured). node:tls documents it for sockets that it opens
    // itself, not for existing ones; its types lack it.
    onread,
  }
  const socket = connect(options)
  // Given as options of tls.connect these two would be dropped.
  socket.once("connect", () => socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS))
  return socket
}
