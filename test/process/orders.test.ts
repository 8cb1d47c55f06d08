import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { whyAbsent } from '../data/ground.ts'
import { randomFrom, run } from '../orders/run.ts'

const absent = await whyAbsent()
if (absent !== undefined && process.env['CI'] !== undefined && process.platform === 'linux') {
  throw new Error(`${absent}: start it`)
}
const where = absent === undefined ? {} : { skip: `NOT CHECKED: ${absent}` }

describe('a shop on a real PostgreSQL whose clients leave', where, () => {
  for (const isHttp2 of [false, true]) {
    test(`ships each order that it has charged, over HTTP/${isHttp2 ? 2 : '1.1'}`, async () => {
      const random = randomFrom(isHttp2 ? 2 : 1)
      for (let count = 0; count < 3; count++) {
        const { charged, broken, left, outcome, exitCode } = await run({ isHttp2, random })
        assert.ok(charged > 0)
        assert.deepEqual(
          { broken, left, outcome, exitCode },
          { broken: [], left: 0, outcome: 'clean', exitCode: 0 }
        )
      }
    })
  }
})
