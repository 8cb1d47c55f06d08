import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { CutRequest, HookReport, Report } from '../../../index.ts'
import { spellTime } from '../../../lib/report/spell-time.ts'
import { summaryOf } from '../../../lib/report/summary.ts'
import { clean, free } from '../../support/reports.ts'

const none = {
  inFlight: 0,
  completed: 0,
  rejected: 0,
  aborted: 0,
  cut: [],
  cutCount: 0,
  left: [],
  leftCount: 0
}

function hook(name: string, outcome: HookReport['outcome'], more: Partial<HookReport> = {}): HookReport {
  return { name, phase: 'closing', outcome, at: 0, duration: 300.4, ...free, ...more }
}

function request(method: string, route: string): CutRequest {
  return { id: null, method, route, age: 100 }
}

/** The causes that the sentence names, of a shutdown that failed so. */
function causes(change: Partial<Report>): string {
  const report = {
    ...clean,
    outcome: 'failed',
    exitCode: 1,
    duration: 305,
    requests: none,
    ...change
  } as Report
  const text = summaryOf(report)
  const [, said] = /^shutdown [\w ]+ 305 ms \(SIGTERM\): (.*); exit code 1$/.exec(text) ?? []
  assert.ok(said !== undefined, text)
  return said
}

const error = { name: 'TypeError', message: 'no such thing' }
const long = `${'\\"\u0001'.repeat(3_000)}${'é😀'.repeat(3_000)}`

describe('the sentence of a clean shutdown', () => {
  test('says what was answered', () => {
    const requests = { ...none, completed: 21, rejected: 322 }
    assert.equal(
      summaryOf({ ...clean, duration: 2_100, requests }),
      'shutdown clean in 2.1 s (SIGTERM): 21 finished, 322 answered 503; exit code 0'
    )
  })

  test('has nothing between the reason and the exit code where nothing was asked', () => {
    const quiet = { ...clean, duration: 11.6, requests: none }
    assert.equal(summaryOf(quiet), 'shutdown clean in 12 ms (SIGTERM); exit code 0')
  })

  test('names no exit code where the process lives on', () => {
    const reason = { type: 'close' } as const
    assert.equal(
      summaryOf({ ...clean, duration: 12, requests: none, reason }),
      'shutdown clean in 12 ms (app.close())'
    )
  })

  test('counts clients that have gone', () => {
    const requests = { ...none, completed: 1, aborted: 2 }
    assert.match(summaryOf({ ...clean, requests }), /: 1 finished, 2 clients gone; exit code 0$/)
  })
})

describe('the sentence of any other shutdown', () => {
  const cases: readonly [what: string, change: Partial<Report>, said: string][] = [
    [
      'a hook that timed out, and a request that was cut',
      {
        hooks: [hook('db', 'ok'), hook('outbox', 'timeout')],
        requests: { ...none, cut: [request('GET', '/report')], cutCount: 1 }
      },
      "hook 'outbox' timed out after 300 ms; 1 request cut: GET /report"
    ],
    [
      'a hook that failed',
      { hooks: [hook('db', 'error', { error })] },
      "hook 'db' failed: TypeError: no such thing"
    ],
    ['a hook that failed, without its error', { hooks: [hook('db', 'error')] }, "hook 'db' failed"],
    [
      'many hooks: the first three, and how many more',
      { hooks: ['a', 'b', 'c', 'd', 'e'].map((name) => hook(name, 'error')) },
      "hook 'a' failed; hook 'b' failed; hook 'c' failed; 2 more hooks did not end well"
    ],
    [
      'routes: each once',
      {
        requests: {
          ...none,
          cut: [request('GET', '/a'), request('GET', '/a'), request('POST', '/b')],
          cutCount: 3
        }
      },
      '3 requests cut: GET /a, POST /b'
    ],
    [
      'more requests than are listed',
      { requests: { ...none, cut: [request('GET', '/a')], cutCount: 30 } },
      '30 requests cut: GET /a, others'
    ],
    [
      'more routes than are named',
      { requests: { ...none, cut: ['/a', '/b', '/c', '/d'].map((url) => request('GET', url)), cutCount: 4 } },
      '4 requests cut: GET /a, GET /b, GET /c, others'
    ],
    [
      'a request whose client had gone',
      { requests: { ...none, left: [request('POST', '/charge')], leftCount: 1 } },
      '1 request unfinished after the client had left: POST /charge'
    ],
    [
      'work that timed out',
      { work: { ...clean.work, cut: [{ name: 'import', age: 2_502 }], cutCount: 1 } },
      "work 'import' timed out at the age of 2.5 s"
    ],
    [
      'much work that timed out',
      { work: { ...clean.work, cut: [1, 2].map(() => ({ name: 'mail', age: 1 })), cutCount: 2 } },
      "work timed out 2 times: 'mail'"
    ],
    [
      'more work than is listed',
      { work: { ...clean.work, cut: [{ name: 'mail', age: 1 }], cutCount: 40 } },
      "work timed out 40 times: 'mail' and others"
    ],
    ['work that was refused', { work: { ...clean.work, refused: 1 } }, 'work was refused after the drain'],
    [
      'work that was refused often',
      { work: { ...clean.work, refused: 2 } },
      'work was refused after the drain 2 times'
    ],
    [
      'an error on the way',
      { crashes: [{ name: 'NotAnError', message: 'a string' }], crashCount: 1 },
      'an error that nobody caught: a string'
    ],
    [
      'errors on the way',
      { crashes: [error], crashCount: 30 },
      '30 errors that nobody caught: TypeError: no such thing'
    ],
    ["Fastify's own close", { closeError: error }, "Fastify's close failed: TypeError: no such thing"],
    [
      'the deadline, and the hook that it cut off',
      {
        outcome: 'deadline',
        hooks: [hook('stuck', 'unfinished', { duration: 9_998 }), hook('db', 'unstarted')]
      },
      "hook 'stuck' was not done after 10.0 s; hook 'db' did not start"
    ],
    [
      'the deadline, and hooks that had no turn',
      { outcome: 'deadline', hooks: ['a', 'b', 'c', 'd'].map((name) => hook(name, 'unstarted')) },
      "the phase 'closed' was not over; hooks 'a', 'b', 'c' and 1 more did not start"
    ],
    [
      "the deadline during Fastify's close",
      { outcome: 'deadline', phases: clean.phases.slice(0, 3), hooks: [] },
      "Fastify's close was not over"
    ],
    ['the deadline during the boot', { outcome: 'deadline', phases: [], hooks: [] }, 'the boot was not over'],
    [
      'a second Ctrl-C',
      { outcome: 'abandoned', hooks: [hook('db', 'unfinished')] },
      "a second Ctrl-C came; hook 'db' was not done after 300 ms"
    ]
  ]
  for (const [what, change, said] of cases) {
    test(`names ${what}`, () => assert.equal(causes({ hooks: [], ...change }), said))
  }

  test('names the error that nobody caught', () => {
    const reason = { type: 'uncaughtException', error } as const
    assert.equal(
      summaryOf({
        ...clean,
        outcome: 'failed',
        exitCode: 1,
        duration: 18,
        reason,
        hooks: [],
        requests: none
      }),
      'shutdown failed in 18 ms (uncaughtException): TypeError: no such thing; exit code 1'
    )
  })

  test('says that the deadline or a second signal ended it', () => {
    const said = (outcome: Report['outcome']) => summaryOf({ ...clean, outcome, duration: 996, hooks: [] })
    assert.match(said('deadline'), /^shutdown cut off by its deadline after 996 ms \(SIGTERM\): /)
    assert.match(said('abandoned'), /^shutdown abandoned after 996 ms \(SIGTERM\): /)
  })

  test('is one line, whatever an error says', () => {
    const wild = { name: 'Error', message: 'one\n  two\u001b[2J\u202e three' }
    assert.equal(
      causes({ hooks: [], closeError: wild }),
      "Fastify's close failed: Error: one two\\u001b[2J\\u202e three"
    )
  })
})

describe('the length', () => {
  const time = fc.double({ min: 0, max: 1e9, noNaN: true })
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constant(long))
  const anError = fc.record({ name: text, message: text })

  test('is bounded, and the exit code is always there', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: text,
            phase: fc.constant('closing' as const),
            outcome: fc.constantFrom('ok', 'error', 'timeout', 'unfinished', 'unstarted'),
            at: time,
            duration: time,
            error: anError
          })
        ),
        fc.array(fc.record({ id: fc.constant(null), method: text, route: text, age: time }), {
          maxLength: 20
        }),
        fc.array(anError, { minLength: 1, maxLength: 20 }),
        text,
        (hooks, cut, crashes, message) => {
          const summary = summaryOf({
            ...clean,
            ...{ outcome: 'failed', exitCode: 1, crashes, crashCount: crashes.length },
            hooks: hooks.map((each) => ({ ...each, ...free })) as HookReport[],
            requests: { ...none, cut, cutCount: cut.length },
            reason: { type: 'shutdown', message }
          })
          assert.ok(Buffer.byteLength(summary) <= 2_000, summary)
          assert.match(summary, /; exit code 1$/)
          assert.doesNotMatch(summary, /[\n\r\p{Cc}]/u)
        }
      )
    )
  })

  test('leaves room for no more than so many causes, and counts the others', () => {
    const named = (name: string) => `${name}${'n'.repeat(90)}`
    const hooks = ['a', 'b', 'c'].map((name) =>
      hook(named(name), 'error', { error: { name: 'Error', message: 'm'.repeat(500) } })
    )
    assert.match(causes({ hooks, closeError: error }), /m…; hook '[^;]*; 2 more causes$/)
  })
})

test('times are in ms below a second, and in seconds from there on', () => {
  assert.deepEqual([0, 0.4, 305.4, 999.4, 999.6, 2_140, 12_050].map(spellTime), [
    ...['0 ms', '0 ms', '305 ms', '999 ms', '1.0 s', '2.1 s', '12.1 s']
  ])
})

describe('requests that arrived too late', () => {
  const arrivals = { count: 12, last: 6_200, onNew: 2, onKept: 10, addresses: [], others: 0 }
  const advice = 'requests arrived until 6.2 s: `lameDuck` was 1.2 s too short'

  test('are in the sentence with what follows', () => {
    const { summary: _, ...report } = { ...clean, arrivals: { ...arrivals, afterDrain: 3, advice } }
    assert.ok(summaryOf(report).endsWith(`answered 503; ${advice}; exit code 0`), summaryOf(report))
  })

  test('are not where all came in time, or nothing follows', () => {
    for (const late of [
      { ...arrivals, afterDrain: 0, advice },
      { ...arrivals, afterDrain: 3 }
    ]) {
      const { summary, ...report } = { ...clean, arrivals: late }
      assert.equal(summaryOf(report), summary)
    }
  })
})
