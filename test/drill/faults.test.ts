import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codesIn, drillOf, faultsIn, patient } from '../support/drill.ts'
import { compiled } from '../support/program.ts'

const faulty = compiled('test/fixtures/drill/faulty')
/** For apps that never end: so long the drill waits. Less than the time after which Node.js ends idle connections. */
const brief = ['--grace', '4s', '--boot', '5m']

interface Case {
  readonly fault: string
  /** What the drill must find, or one of them: it depends on when the requests were sent. */
  readonly finds: string | readonly string[]
  /** What may be found besides, because the fault leads to it, or to nothing, as it happens. */
  readonly besides?: readonly string[]
  readonly flags?: readonly string[]
}

const lost = ['in-flight-lost', 'lost-on-kept', 'lost-on-new']
const losses = [...lost, 'slow-reader-cut', 'exit-code-hides-loss']

const endless: readonly Case[] = [
  { fault: 'hung hook', finds: 'hangs-after-drain', besides: losses },
  { fault: 'no end of keep-alive', finds: 'keep-alive-holds', besides: ['refuses', ...losses] },
  { fault: 'ignores the signal', finds: 'ignores-signal', besides: ['readiness-stays-ready'] },
  { fault: 'blocks the loop', finds: 'blocked' },
  { fault: 'request that hangs', finds: 'request-hangs', besides: losses },
  { fault: 'silent connection', finds: 'silent-holds', besides: losses }
]

const ending: readonly Case[] = [
  { fault: 'liveness that flips', finds: 'liveness-fails', besides: losses },
  { fault: 'readiness that stays', finds: 'readiness-stays-ready', besides: losses },
  { fault: 'cluster', finds: 'cluster-not-told', besides: [...losses, 'front-ends-first'] },
  { fault: 'crash', finds: 'crashes', besides: losses },
  { fault: 'child left behind', finds: 'child-left', besides: losses },
  {
    fault: 'port stays taken',
    finds: 'port-stays-taken',
    besides: ['child-left', 'exits-at-once', ...losses]
  },
  { fault: 'code 0 after a cut', finds: 'exit-code-hides-loss', besides: losses },
  { fault: 'another exit code', finds: 'exit-code', besides: losses },
  { fault: 'no handler', finds: 'no-handler', besides: losses },
  // An answer that is under way at the signal is seen after it: then nobody can say that the app answered nothing.
  { fault: 'exits at once', finds: lost, besides: ['exits-at-once', ...losses] },
  { fault: 'resets connections', finds: lost, besides: losses },
  { fault: 'refuses while draining', finds: 'refuses', besides: losses },
  { fault: 'answers 500', finds: 'answers-errors', besides: losses },
  {
    fault: 'cuts the slow reader',
    finds: 'slow-reader-cut',
    besides: losses,
    flags: ['--slow-path', '/big']
  },
  { fault: 'logs nothing', finds: 'logs-nothing', besides: losses }
]

describe('a drill finds', () => {
  for (const [cases, time] of [
    [endless, brief],
    [ending, patient]
  ] as const) {
    for (const { fault, finds, besides = [], flags = [] } of cases) {
      test(`the fault of an app: ${fault}`, async () => {
        const { verdict, exitCode } = await drillOf([...time, ...flags], [process.execPath, faulty, fault])
        const found = codesIn(verdict)
        const looksFor = [finds].flat()
        assert.ok(
          looksFor.some((code) => found.includes(code)),
          `${found.join(', ')}`
        )
        const expected = [...looksFor, ...besides]
        const others = faultsIn(verdict).filter((code) => !expected.includes(code))
        assert.deepEqual(others, [])
        assert.equal(exitCode, faultsIn(verdict).length > 0 ? 1 : 0)
      })
    }
  }
})
