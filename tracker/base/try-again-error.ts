import { ConfigError } from "../../core/base/errors.js"

/**
 * What the command line asks for can't be had now, and may be later: an address that is not up yet, a port in use, a disk that
 * is not there. The program ends with EXIT_TRY_AGAIN, so that a service manager starts it again.
 */
export class TryAgainError extends ConfigError {}

/** EX_TEMPFAIL of sysexits.h. */
export const EXIT_TRY_AGAIN = 75
