import { P2pError } from "../../core/index.js"

/** What was waited for did not come in the time that the user gave it. It has an exit code of its own. */
export class TimeUpError extends P2pError {}
