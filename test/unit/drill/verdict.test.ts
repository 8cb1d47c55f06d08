import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Observations } from '../../../drill/observations.ts'
import { judge, type Run } from '../../../drill/result.ts'
import { headline } from '../../../drill/verdict/headline.ts'
import { verdictMarkdown } from '../../../drill/verdict/markdown.ts'
import { factRows, requestRows } from '../../../drill/verdict/rows.ts'
import { verdictText } from '../../../drill/verdict/text.ts'
import { observations, tallyOf } from '../../support/drill-observations.ts'

const run = (differences: Partial<Observations> = {}): Run => judge(observations(differences))
const good = run()
const crash = run({ exit: { code: 1, signal: null, after: 1_500 }, lastLines: '  Error: <x>|y' })
const screen = { write() {}, paint: (_: unknown, text: string) => text, isTTY: false, columns: 80 }

describe('the headline of a verdict', () => {
  test('says that nothing is wrong, in one run or in several', () => {
    assert.match(headline([good]), /^Nothing is wrong: /)
    assert.match(headline([good, good]), /^Nothing is wrong in 2 runs: /)
  })

  test('counts the faults, and the runs that have one', () => {
    assert.equal(headline([crash]), '1 fault')
    assert.equal(headline([good, crash, crash]), '1 fault, in 2 of 3 runs')
  })
})

describe('the rows of a verdict', () => {
  test('show rare fates only where there are some', () => {
    const names = (each: Run) => requestRows([each]).map(([name]) => name)
    const usual = ['answered', 'told to come back (503)', 'refused', 'cut', 'lost']
    assert.deepEqual(names(good), usual)
    const hung = run({ tally: tallyOf({ counts: { inFlight: { unanswered: 1 } } }) })
    assert.deepEqual(names(hung), [...usual, 'never answered'])
  })

  test('add up all runs', () => {
    const one = run({ tally: tallyOf({ counts: { before: { answered: 4 }, after: { answered: 2 } } }) })
    assert.deepEqual(requestRows([one, one])[0], ['answered', 8, 0, 4])
  })

  const ends: readonly [what: string, seen: Partial<Observations>, row: readonly [string, string]][] = [
    ['an exit code', {}, ['exit', 'code 0 after 2000 ms, no process left, the port is free']],
    [
      'a signal, and what was left',
      {
        exit: { code: null, signal: 'SIGTERM', after: 5 },
        survivors: [{ pid: 7, command: 'node a' }],
        portStaysTaken: true
      },
      ['exit', 'SIGTERM after 5 ms, 1 still running, the port stays taken']
    ],
    [
      'the end of a process that is nobody’s child',
      { exit: { code: null, signal: null, after: 5 } },
      ['exit', 'gone after 5 ms, no process left, the port is free']
    ],
    ['no exit', { exit: undefined }, ['exit', 'none: killed after 10.0 s']],
    [
      'connections',
      {
        bystanders: [
          { kind: 'idle', closedAt: 5 },
          { kind: 'silent', closedAt: undefined }
        ]
      },
      ['connections', 'idle closed after 5 ms, silent open to the end']
    ],
    [
      'liveness',
      { probes: [{ name: 'live', path: '/livez', before: 200, lastGood: 0, changes: [] }] },
      ['liveness', '/livez 200']
    ],
    ['readiness', { probes: observations().probes }, ['readiness', '/readyz 200, 503 from 5 ms on']],
    [
      'a probe that was answered until the end',
      {
        probes: [
          {
            ...{ name: 'live', path: '/livez', before: 200, lastGood: 250 },
            changes: [
              { at: 260, answer: 'cut' },
              { at: 280, answer: 'refused' }
            ]
          }
        ]
      },
      ['liveness', '/livez 200, no answer from 260 ms on']
    ],
    [
      'a WebSocket that was closed',
      { webSockets: [{ path: '/ws', code: 1012, closedAt: 5 }] },
      ['WebSocket', '/ws closed with 1012']
    ],
    [
      'a WebSocket that stayed',
      { webSockets: [{ path: '/ws', code: undefined, closedAt: undefined }] },
      ['WebSocket', '/ws open to the end']
    ],
    [
      'a stream that was complete',
      { streams: [{ path: '/sse', how: 'complete', closedAt: 5 }] },
      ['stream', '/sse complete']
    ],
    [
      'a stream that stayed',
      { streams: [{ path: '/sse', how: undefined, closedAt: undefined }] },
      ['stream', '/sse open to the end']
    ]
  ]
  for (const [what, seen, row] of ends) {
    test(`tell ${what}`, () => {
      assert.deepEqual(
        factRows(run(seen)).find(([name]) => name === row[0]),
        row
      )
    })
  }
})

describe('a verdict as Markdown', () => {
  test('has a table, the facts of one run, and nothing to mend', () => {
    const text = verdictMarkdown('node `a`.js', [good])
    assert.match(text, /^### ✅ Shutdown drill\n\n`node 'a'\.js`\n\nNothing is wrong: /)
    assert.match(
      text,
      /\| requests \| before \| at SIGTERM \| after \|\n\|---\|---:\|---:\|---:\|\n\| answered \|/
    )
    assert.match(text, /\n- exit: code 0 after 2000 ms/)
  })

  test('quotes what an app wrote, and nothing in it is markup', () => {
    const text = verdictMarkdown('node a.js', [crash])
    assert.match(text, /^### ❌ Shutdown drill/)
    assert.match(
      text,
      /- ❌ \*\*The app crashed while it shut down: exit code 1\*\* \(\[more\]\(.*#crashes\)\)/
    )
    assert.match(text, /Its last lines:\n {2}```text\n {2}Error: <x>\|y\n {2}```\n {2}→ Mend/)
    const left = run({ survivors: [{ pid: 7, command: 'sh -c a|b>c' }] })
    assert.match(verdictMarkdown('node a.js', [left]), /7 'sh -c a\\\|b\\>c'/)
  })

  test('of several runs says in how many, and has no facts of one', () => {
    const note = run({ linesAfterSignal: 0 })
    const text = verdictMarkdown('node a.js', [good, note])
    assert.match(text, /- ℹ️ \*\*The app wrote nothing from the signal on\*\* \(in 1 of 2 runs\)/)
    assert.doesNotMatch(text, /- exit:/)
  })
})

describe('a verdict for a terminal', () => {
  test('fits into its width, but for lines that the app wrote', () => {
    const lines = verdictText([crash], screen, undefined).split('\n')
    assert.ok(lines.includes('    Error: <x>|y'))
    for (const line of lines.filter((each) => !each.includes('https://'))) assert.ok(line.length <= 80, line)
  })

  test('shows the timeline of the report', () => {
    assert.match(verdictText([good], screen, 'the timeline'), /\n\nthe timeline\n/)
  })

  test('of several runs has no facts of one, and says in how many runs something was found', () => {
    const text = verdictText([good, run({ linesAfterSignal: 0 })], screen, undefined)
    assert.match(text, /• The app wrote nothing from the signal on \(in 1 of 2 runs\)/)
    assert.doesNotMatch(text, / {2}exit /)
  })
})
