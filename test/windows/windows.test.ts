import { describe } from 'node:test'
import { connections } from './connections.ts'
import { console } from './console.ts'
import { families } from './families.ts'
import { kills } from './kills.ts'
import { testAll } from './scenario.ts'
import { watchdog } from './watchdog.ts'

// What only Windows can show: on Windows itself, or elsewhere under Wine, by `npm run docs -- windows`.

const onWindows =
  process.platform === 'win32'
    ? {}
    : { skip: 'NOT CHECKED: it takes Windows, or Wine: `npm test -- --matrix --only windows`' }

describe('on Windows', onWindows, () => {
  testAll([...console, ...connections, ...watchdog, ...kills, ...families])
})
