import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { aLongTime } from '../support/in-time.ts'

/** What happens to an app on Windows, and what should happen then: one row of the table. */
export interface Scenario {
  readonly what: string
  readonly expected: string
  /** What has to be there. Without it the scenario is skipped. */
  readonly needs?: string
  act(t: TestContext): Promise<string>
}

/** A row of the table as it was seen. */
export interface Seen {
  readonly what: string
  readonly expected: string
  readonly seen: string
}

/** Where the rows go, one JSON a line, if somebody wants them. */
const file = process.env['WINDOWS_TABLE']

/** Makes a test of each scenario. */
export function testAll(scenarios: readonly Scenario[]): void {
  for (const { what, expected, needs, act } of scenarios) {
    const isThere = needs === undefined || process.env[needs] !== undefined
    const skip = isThere ? {} : { skip: `NOT CHECKED: it takes ${needs}. Run \`npm run docs -- windows\`` }
    test(`${what}: ${expected}`, skip, async (t) => {
      const failed = (error: Error) => `failed: ${error.message.split('\n')[0]}`
      const never = sleep(aLongTime, 'nothing in ten minutes', { ref: false })
      const seen = await Promise.race([act(t).catch(failed), never])
      if (file !== undefined)
        appendFileSync(file, `${JSON.stringify({ what, expected, seen } satisfies Seen)}\n`)
      assert.equal(seen, expected)
    })
  }
}
