import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findingsOf } from '../../../drill/findings/find.ts'
import { pageOf } from '../../../drill/findings/finding.ts'
import type { Observations, Stuck } from '../../../drill/observations.ts'
import { observations, tallyOf } from '../../support/drill-observations.ts'

type Differences = Partial<Observations>

const deaf: Stuck = { answersNew: false, answersKept: false, isSilent: false, unanswered: 0 }
const killed = { exit: undefined } satisfies Differences
const quiet = { probes: [], tally: tallyOf() } satisfies Differences

/** What was seen, and the codes of what is found in it. */
const cases: readonly [what: string, seen: Differences, codes: readonly string[]][] = [
  ['a good end', {}, []],
  [
    'a request in flight that was lost',
    { tally: tallyOf({ harm: { inFlight: { reusing: 1 } } }) },
    ['in-flight-lost']
  ],
  [
    'requests in flight that were lost',
    { tally: tallyOf({ harm: { inFlight: { fresh: 2 } } }) },
    ['in-flight-lost']
  ],
  [
    'a lost request on a kept connection',
    { tally: tallyOf({ harm: { after: { reusing: 1 } } }) },
    ['lost-on-kept']
  ],
  [
    'a lost request on a new connection',
    { tally: tallyOf({ harm: { after: { fresh: 1 } } }) },
    ['lost-on-new']
  ],
  [
    'lost requests on new connections',
    { tally: tallyOf({ harm: { after: { fresh: 2 } } }) },
    ['lost-on-new']
  ],
  ['an error', { tally: tallyOf({ counts: { after: { failed: 1 } } }) }, ['answers-errors']],
  [
    'a slow reader that was cut',
    { tally: tallyOf({ harm: { inFlight: { 'slow reader': 1 } } }) },
    ['slow-reader-cut']
  ],
  [
    'a good exit code in spite of a loss',
    { tally: tallyOf({ counts: { after: { lost: 1, answered: 1 } } }) },
    ['exit-code-hides-loss']
  ],
  [
    'an exit without any answer',
    { tally: tallyOf({ counts: { after: { lost: 2 } } }) },
    ['exits-at-once', 'exit-code-hides-loss']
  ],
  [
    'refusals while others are served',
    { tally: tallyOf({ counts: { after: { refused: 1 } }, firstRefusal: 10, lastAnswer: 900 }) },
    ['refuses']
  ],
  [
    'refusals by an app that hands over',
    {
      isHandedOver: true,
      tally: tallyOf({ counts: { after: { refused: 1 } }, firstRefusal: 10, lastAnswer: 900 })
    },
    []
  ],
  [
    'refusals before the last answers, and none served on',
    { tally: tallyOf({ counts: { after: { refused: 1 } }, firstRefusal: 10 }) },
    []
  ],
  [
    'an end by a signal of somebody else',
    { exit: { code: null, signal: 'SIGKILL', after: 1_500 } },
    ['killed']
  ],
  ['an end by the signal itself', { exit: { code: null, signal: 'SIGTERM', after: 1_500 } }, ['no-handler']],
  ['an end by the signal as a code', { exit: { code: 143, signal: null, after: 1_500 } }, ['no-handler']],
  [
    'a cluster that ends at once',
    { isCluster: true, processCount: 2, exit: { code: null, signal: 'SIGTERM', after: 1_500 } },
    ['cluster-not-told']
  ],
  [
    'a crash',
    { exit: { code: 1, signal: null, after: 1_500 }, lastLines: '  TypeError: x is no function' },
    ['crashes']
  ],
  ['another exit code', { exit: { code: 3, signal: null, after: 1_500 } }, ['exit-code']],
  [
    'an end of what is no child of the drill',
    { isOwnChild: false, exit: { code: null, signal: null, after: 1_500 } },
    []
  ],
  [
    'a program in front that swallows the signal',
    { outlivedBySelf: true, survivors: [{ pid: 7, command: 'node a' }] },
    ['signal-not-passed-on']
  ],
  ['a program in front that ends first', { outlivedBySelf: true }, ['front-ends-first']],
  ['a child', { survivors: [{ pid: 7, command: 'node a' }] }, ['child-left']],
  [
    'children that hold the port',
    {
      survivors: [
        { pid: 7, command: 'node a' },
        { pid: 8, command: 'node b' }
      ],
      portStaysTaken: true
    },
    ['child-left', 'port-stays-taken']
  ],
  [
    'an app that ignores the signal',
    { ...killed, ...quiet, stuck: { ...deaf, answersNew: true } },
    ['ignores-signal', 'no-readiness']
  ],
  ['an app that is too slow', { ...killed, stuck: { ...deaf, answersNew: true } }, ['too-slow']],
  [
    'an app that is too slow, and has no probe',
    {
      ...killed,
      probes: [],
      tally: tallyOf({ counts: { after: { toldToComeBack: 1 } }, withRetryAfter: 1 }),
      stuck: { ...deaf, answersNew: true }
    },
    ['too-slow', 'no-readiness']
  ],
  ['a blocked app', { ...killed, stuck: { ...deaf, isSilent: true } }, ['blocked']],
  ['a request that hangs', { ...killed, stuck: { ...deaf, unanswered: 1 } }, ['request-hangs']],
  ['requests that hang', { ...killed, stuck: { ...deaf, unanswered: 2 } }, ['request-hangs']],
  [
    'an event stream that stays',
    { ...killed, stuck: deaf, streams: [{ path: '/sse', how: undefined, closedAt: undefined }] },
    ['stream-holds']
  ],
  [
    'a WebSocket that stays',
    { ...killed, stuck: deaf, webSockets: [{ path: '/ws', code: undefined, closedAt: undefined }] },
    ['stream-holds']
  ],
  [
    'kept connections that are served on',
    { ...killed, stuck: { ...deaf, answersKept: true } },
    ['keep-alive-holds']
  ],
  [
    'an idle connection',
    { ...killed, stuck: deaf, bystanders: [{ kind: 'idle', closedAt: undefined }] },
    ['keep-alive-holds']
  ],
  [
    'a silent connection',
    { ...killed, stuck: deaf, bystanders: [{ kind: 'silent', closedAt: undefined }] },
    ['silent-holds']
  ],
  [
    'a hook that hangs',
    { ...killed, stuck: deaf, bystanders: [{ kind: 'silent', closedAt: 5 }] },
    ['hangs-after-drain']
  ],
  [
    'a WebSocket without a close frame',
    { webSockets: [{ path: '/ws', code: 1006, closedAt: 5 }] },
    ['websocket-dropped']
  ],
  [
    'a WebSocket that nobody closed',
    { webSockets: [{ path: '/ws', code: undefined, closedAt: undefined }] },
    ['websocket-dropped']
  ],
  ['a WebSocket that was closed', { webSockets: [{ path: '/ws', code: 1012, closedAt: 5 }] }, []],
  ['a stream that was cut', { streams: [{ path: '/sse', how: 'cut', closedAt: 5 }] }, ['stream-cut']],
  ['a stream that was complete', { streams: [{ path: '/sse', how: 'complete', closedAt: 5 }] }, []],
  [
    'readiness that comes back',
    {
      probes: [
        {
          name: 'ready',
          path: '/readyz',
          before: 200,
          lastGood: 0,
          changes: [
            { at: 5, answer: 503 },
            { at: 50, answer: 200 }
          ]
        }
      ]
    },
    ['readiness-returns']
  ],
  [
    'readiness that stays',
    { probes: [{ name: 'ready', path: '/readyz', before: 200, lastGood: 800, changes: [] }] },
    ['readiness-stays-ready']
  ],
  [
    'readiness that stays while other servers take over',
    {
      isHandedOver: true,
      probes: [{ name: 'ready', path: '/readyz', before: 200, lastGood: 800, changes: [] }]
    },
    []
  ],
  [
    'liveness that fails on the path of readiness',
    {
      probes: [
        { name: 'ready', path: '/health', before: 200, lastGood: 0, changes: [{ at: 5, answer: 503 }] },
        { name: 'live', path: '/health', before: 200, lastGood: 0, changes: [{ at: 5, answer: 503 }] }
      ]
    },
    ['liveness-fails']
  ],
  [
    'liveness that was never good',
    {
      probes: [
        ...observations().probes,
        {
          name: 'live',
          path: '/livez',
          before: 503,
          lastGood: 0,
          changes: [
            { at: 5, answer: 'refused' },
            { at: 6, answer: 500 }
          ]
        }
      ]
    },
    []
  ],
  ['no route that works', { tally: tallyOf({ usual: new Set([401, 404]) }) }, ['no-real-work']],
  ['no request at all', { tally: tallyOf({ usual: new Set(), inFlightAtSignal: 0 }) }, ['nothing-in-flight']],
  ['an early end', { exit: { code: 0, signal: null, after: 999 } }, ['no-lame-duck']],
  [
    'an early end of an app that hands over',
    { isHandedOver: true, exit: { code: 0, signal: null, after: 999 } },
    []
  ],
  [
    '503 without Retry-After',
    { tally: tallyOf({ counts: { inFlight: { toldToComeBack: 1 }, after: { toldToComeBack: 1 } } }) },
    ['no-retry-after']
  ],
  ['an app that logs nothing', { linesAfterSignal: 0 }, ['logs-nothing']],
  ['a slow boot', { bootTime: 10_000 }, ['slow-boot']],
  ['a busy machine', { longestStall: 250 }, ['busy-machine']]
]

describe('a drill finds in what it has seen', () => {
  for (const [what, seen, codes] of cases) {
    test(`${what}: ${codes.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(
        findingsOf(observations(seen)).map(({ code }) => code),
        codes
      )
    })
  }
})

describe('a finding', () => {
  const only = (seen: Differences) => {
    const [finding] = findingsOf(observations(seen))
    assert.ok(finding)
    return finding
  }

  test('counts one and several in words', () => {
    const one = only({ tally: tallyOf({ harm: { inFlight: { fresh: 1 } } }) })
    const two = only({ tally: tallyOf({ harm: { inFlight: { fresh: 2 } } }) })
    assert.deepEqual(
      [one.title, two.title],
      ['1 request in flight at the signal was lost', '2 requests in flight at the signal were lost']
    )
  })

  test('says times in ms below ten seconds, and in seconds above', () => {
    const titles = [9_999, 10_000].map(
      (after) => only({ exit: { code: null, signal: 'SIGKILL', after } }).title
    )
    assert.deepEqual(titles, [
      'The process was killed by SIGKILL 9999 ms after the signal',
      'The process was killed by SIGKILL 10.0 s after the signal'
    ])
  })

  test('quotes the last lines of the app, or says that there are none', () => {
    const exit = { code: 3, signal: null, after: 1_500 }
    assert.match(only({ exit }).why, /It wrote nothing\.$/)
    assert.match(only({ exit, lastLines: '  bye' }).why, /Its last lines:\n {2}bye$/)
  })

  test('says whether the reset of a connection was seen', () => {
    const tally = tallyOf({ harm: { after: { reusing: 1 } } })
    Object.assign(tally.clients.reusing, { all: 8, hurt: 1 })
    const mishap = { fate: 'lost', kind: 'reusing', when: 'after', at: 5, request: 'GET /' } as const
    tally.mishaps.push({ ...mishap, detail: 'ECONNRESET' })
    assert.equal(only({ tally }).title, '1 of 8 clients that reuse connections lost a request to a reset')
  })

  test('says that liveness and readiness are one path', () => {
    const changes = [{ at: 5, answer: 503 }]
    const live = { name: 'live', path: '/health', before: 200, lastGood: 0, changes } as const
    const together = only({ probes: [{ ...live, name: 'ready' }, live] })
    const alone = only({ probes: [{ ...live, name: 'ready', path: '/readyz' }, live] })
    assert.match(together.why, /It is the path of readiness, too\.$/)
    assert.doesNotMatch(alone.why, /readiness/)
  })

  test('lists the statuses of errors', () => {
    const tally = tallyOf({ counts: { after: { failed: 3 } } })
    tally.failures.set(500, 2).set(502, 1)
    assert.equal(
      only({ tally }).title,
      '3 requests were answered with an error after the signal (2 × 500, 1 × 502)'
    )
  })

  test('has a section on the page of the drill', () => {
    assert.match(pageOf(only({ linesAfterSignal: 0 })), /docs\/drill\.md#logs-nothing$/)
  })
})
