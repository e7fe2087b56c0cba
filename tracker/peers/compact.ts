/** The form in which stores keep peers is the one that travels: client and tracker share its code. */
export * from "../../core/address/compact-peers.js"
