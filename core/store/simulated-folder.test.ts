import "../testing/on-simulated-disk.js"
import { diskTrials } from "../testing/disk-trials.js"
import { folderDocument } from "../testing/trial-document.js"

diskTrials(folderDocument)
