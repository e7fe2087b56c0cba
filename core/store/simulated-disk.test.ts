import "../testing/on-simulated-disk.js"
import { diskTrials } from "../testing/disk-trials.js"
import { fileDocument } from "../testing/trial-document.js"

diskTrials(fileDocument)
