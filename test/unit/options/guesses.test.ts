import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FST_LIFECYCLE_OPTION_UNKNOWN } from '../../../lib/errors.ts'
import { settingsOf } from '../../../lib/options/settings.ts'

describe('an unknown option', () => {
  for (const [given, meant] of [
    ['timeout', 'deadline'],
    ['gracePeriod', 'deadline'],
    ['forceExitTimeout', 'deadline'],
    ['delay', 'deadline'],
    ['GRACEPERIOD', 'deadline'],
    ['shutdownDelay', 'lameDuck'],
    ['onSignal', 'hooks'],
    ['healthChecks', 'checks'],
    ['signal', 'signals']
  ] as const) {
    test(`named ${given} is answered with ${meant}`, () => {
      assert.throws(() => settingsOf({ [given]: 1 } as never), {
        code: 'FST_LIFECYCLE_OPTION_UNKNOWN',
        message: new FST_LIFECYCLE_OPTION_UNKNOWN(given, `Did you mean '${meant}'?`).message
      })
    })
  }

  test('in a group is not answered with an option that this group does not have', () => {
    assert.throws(() => settingsOf({ hardKill: { timeout: 1 } } as never), /Known are: margin, stall/)
  })

  test('with a name that every object has is only unknown', () => {
    assert.throws(() => settingsOf({ valueOf: 1 } as never), /Unknown option 'valueOf'\. Known are/)
  })
})
