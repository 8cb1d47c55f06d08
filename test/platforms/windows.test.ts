import { message } from '../windows/message.ts'
import { testAll } from '../windows/scenario.ts'

// What other processes can do on Windows, on whatever system this runs.

testAll([message])
