import type { PeerConnection } from "../connection/connection.js"
import { type DialOptions, dial } from "./dial.js"
import type { AcceptedDocument, PrivateDocument } from "./incoming-handshake.js"
import { createPeerListener, type PeerListener, type PeerListenerOptions } from "./listener.js"

/** How a client reaches peers and is reached by them. */
export interface Transport {
  /** A connection that has shaken hands; it reads nothing until its `start`. @throws DialError */
  dial(options: DialOptions): Promise<PeerConnection>
  /** @throws ConfigError when there can't be listened. */
  listen<Open extends AcceptedDocument, Private extends PrivateDocument>(
    options: PeerListenerOptions<Open, Private>,
  ): Promise<PeerListener>
}

/** TCP, and TLS inside it for private documents. */
export const tcpTransport: Transport = { dial, listen: createPeerListener }
