import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { HookReport, Report } from '../../../index.ts'
import { type FormatReportOptions, formatReport } from '../../../report/index.ts'
import { canvasOf } from '../../../report/terminal/options.ts'
import { columnsOf, oneLine, shorten } from '../../../report/text.ts'
import fc from '../../support/properties.ts'
import {
  atDeadline,
  clean,
  everyReport,
  failed,
  graph,
  instant,
  sixtyHooks,
  summarized,
  unreached,
  unstarted
} from '../../support/reports.ts'

/** The lines, right-hand blanks and all, without colour. */
function draw(report: Report, width = 80): string[] {
  return formatReport(report, { width, color: false }).split('\n')
}

/** The lines as one text, for the eye. */
function picture(...lines: readonly string[]): string {
  return lines.join('\n')
}

describe('a clean shutdown', () => {
  test('is a headline, a bar for each phase and hook, and the requests', () => {
    assert.equal(
      picture(...draw(clean)),
      picture(
        '✓ shutdown clean in 2.7 s (SIGTERM): 2120 finished, 431 answered 503;',
        '  exit code 0',
        '',
        '                     ms  0         500       1000      1500      2000      2500',
        'lameDuck           2003  ████████████████████████████████████████▌',
        '  ✓ queue consumer  801  ━━━━━━━━━━━━━━━━',
        'draining            502                                          ▐█████████▌',
        '  ✓ outbox          480                                          ╺━━━━━━━━━',
        'closing             226                                                    ▐████',
        '  ✓ metrics          <1                                                      ╸',
        '  ✓ db              151                                                      ━━━',
        'closed               <1                                                        ▐',
        '',
        '2731 of 10000 ms used (27 %)',
        'requests: 31 at the start · 2120 completed · 431 rejected · 0 aborted · 0 cut',
        '50 HTTP/1 connections at the start'
      )
    )
  })

  test('without hooks is as short', () => {
    const lines = draw({ ...clean, hooks: [] })
    assert.equal(lines.length, 12)
    assert.ok(lines[4]?.startsWith('lameDuck 2003  █'))
  })

  test('in no time has a bar for everything, too', () => {
    const bars = draw(instant).slice(3, 11)
    assert.deepEqual(
      bars.map((line) => line.slice(20)),
      ['0  ▌', '0  ╸', '0  ▌', '0  ╸', '0  ▌', '0  ╸', '0  ╸', '0  ▌']
    )
  })

  test('with sixty hooks has sixty bars, and names of one width', () => {
    const hooks = draw(sixtyHooks).filter((line) => line.startsWith('  ✓ '))
    assert.equal(hooks.length, 60)
    assert.ok(hooks.every((line) => line.slice(26).startsWith('    3  ')))
    assert.match(String(hooks.at(-1)), /^ {2}✓ 59: hook hook hook ho… /)
  })

  test('says the number of requests, also where it is one', () => {
    const requests = { ...clean.requests, inFlight: 1 }
    assert.match(String(draw({ ...clean, requests }).at(-2)), /^requests: 1 at the start/)
  })

  test('begins with the sentence of the report, in as many lines as it needs', () => {
    const headlineFor = (summary: string, width: number) =>
      draw({ ...clean, summary }, width)
        .slice(0, 3)
        .join('\n')
    const summary = `one ${'two '.repeat(15)}three; exit code 1`
    assert.match(headlineFor(summary, 100), /^✓ one [two ]+three; exit code 1\n\n/)
    assert.match(headlineFor(summary, 70), /^✓ one [two ]+two\n {2}three; exit code 1\n$/)
    assert.match(headlineFor('a'.repeat(300), 40), /^✓\n {2}a{37}…\n$/)
  })
})

describe('a shutdown that went wrong', () => {
  test('names each hook that failed or hung and each request that was cut', () => {
    const lines = draw(failed)
    assert.equal(lines[0], "✗ shutdown failed in 2.7 s (SIGTERM): hook 'cache' failed: TypeError: no such")
    assert.equal(lines[1], "  thing; hook 'db' timed out after 170 ms; 2 requests cut: GET /hung/:id, POST")
    assert.match(String(lines[2]), /^ {2}\/long\/long\/.*$/)
    assert.equal(lines[3], '  exit code 1')
    assert.match(picture(...lines), /^ {2}✗ cache +3 {2} +╺?╸?$/m)
    assert.match(picture(...lines), /^ {2}! db +170 {2} +╺?╍+╸?$/m)
    assert.match(picture(...lines), / 2 aborted · 2 cut$/m)
    assert.deepEqual(lines.slice(-4), [
      "✗ hook 'cache' failed after 3 ms: TypeError: no such thing",
      "! hook 'db' timed out after 170 ms",
      '✗ GET /hung/:id cut after 2480 ms (req-3)',
      '✗ POST /long/long/long/long/long/long/long/long/long/long/lon… cut after 2400 ms'
    ])
  })

  test('names the requests and the work that did not come to their end, and counts the others', () => {
    const left = [{ id: 'req-1', method: 'POST', route: '/charge', age: 1_500 }]
    const report: Report = {
      ...clean,
      outcome: 'failed',
      requests: { ...clean.requests, left, leftCount: 3 },
      work: { ...clean.work, refused: 2 }
    }
    const text = formatReport(report, { color: false, width: 120 })
    assert.match(text, /✗ POST \/charge: its client had gone, and its handler was not done after 1500 ms/)
    assert.match(text, /✗ 2 more requests left/)
    assert.match(text, /✗ 2 pieces of work refused: the drain was over/)
    assert.match(text, / · 0 cut · 3 left/)
  })

  test('says what hung in 40 columns, too', () => {
    assert.deepEqual(draw(failed, 40).slice(-4), [
      "✗ hook 'cache' failed after 3 ms: TypeE…",
      "! hook 'db' timed out after 170 ms",
      '✗ GET /hung/:… cut after 2480 ms (req-3)',
      '✗ POST /long/long/lon… cut after 2400 ms'
    ])
  })

  test('by the deadline names the hook that was not done', () => {
    const lines = draw(atDeadline)
    assert.match(
      String(lines[0]),
      /^✗ shutdown cut off by its deadline after 10\.0 s \(SIGTERM\): hook 'stuck'/
    )
    assert.equal(lines.at(-1), "» hook 'stuck' unfinished after 9998 ms")
    assert.match(picture(...lines), /^ {2}» stuck +9998 {2}╍+$/m)
  })

  test('by the deadline names the phase where no hook is to blame', () => {
    assert.equal(draw({ ...atDeadline, hooks: [] }).at(-1), "» the phase 'closing' was not over")
    const neverBooted = draw({ ...atDeadline, hooks: [], phases: [] })
    assert.equal(neverBooted.at(-1), '» the boot was not over')
    assert.equal(neverBooted.length, 8)
  })

  test('by a second signal is abandoned', () => {
    const lines = draw(summarized({ ...atDeadline, outcome: 'abandoned' }))
    assert.match(String(lines[0]), /^✗ shutdown abandoned after /)
  })

  test('by crashes and errors of onClose says theirs', () => {
    const lines = draw({
      ...clean,
      reason: { type: 'uncaughtException', error: { name: 'RangeError', message: 'too much' } },
      crashes: [{ name: 'NotAnError', message: 'a string was thrown' }],
      closeError: { name: 'Error', message: 'onClose failed' }
    })
    assert.deepEqual(lines.slice(-3), [
      '✗ uncaughtException: RangeError: too much',
      '✗ crash while shutting down: a string was thrown',
      '✗ app.close(): Error: onClose failed'
    ])
  })
})

describe('a graph of hooks', () => {
  test('is drawn side by side, with what each waited for, all that went wrong, and what is still alive', () => {
    const lines = draw(graph)
    const from = lines.findIndex((line) => line.startsWith('closing'))
    assert.equal(
      picture(...lines.slice(from)),
      picture(
        'closing     1731                        ▐███████████████████████████████████████',
        '  ✓ metrics 1300                        ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━',
        '  ✗ outbox   400                        ╺╍╍╍╍╍╍╍╍╍',
        '  ✓ cache    700                        ╺━━━━━━━━━━━━━━━╸',
        '  ✓ broker   300                         outbox → ━━━━━━╸',
        '  ✓ db      1000                        outbox, cache → ╺━━━━━━━━━━━━━━━━━━━━━━╸',
        '',
        '2731 of 10000 ms used (27 %)',
        'requests: 31 at the start · 2120 completed · 431 rejected · 0 aborted · 0 cut',
        '1 HTTP/2 connection at the start · 12 WebSocket · 3 upgraded',
        'tracked work: 4 at the start · 2 completed · 1 failed · 1 refused · 1 cut',
        '',
        "✗ hook 'outbox' failed after 400 ms: Error: the broker is gone",
        "↳ hook 'broker' ran although 'outbox' had not ended well",
        "↳ hook 'db' ran although 'outbox' had not ended well",
        "✗ work 'import' timed out at the age of 2502 ms",
        '✗ 1 piece of work refused: the drain was over',
        '',
        'still alive: 1 pipe · 3 TCP connections · 2 timers'
      )
    )
  })

  test('says which hooks never had their turn', () => {
    const lines = draw(unstarted)
    assert.match(picture(...lines), /^ {2}· db$/m)
    assert.equal(lines.at(-1), "· hook 'db' never had its turn after 'stuck'")
    assert.match(picture(...draw(unreached)), /^closing\n {2}· metrics\n {2}· db$/m)
    assert.match(picture(...draw(unreached)), /^· hook 'metrics' never had its turn$/m)
  })

  test('says how the lame duck ended where that saved time', () => {
    const ended = (by: 'probes' | 'signal'): Report => ({
      ...clean,
      lameDuck: { ended: by, saved: 3_800.4 }
    })
    assert.ok(draw(ended('probes')).includes('lame duck ended by its probes, 3800 ms early'))
    assert.ok(draw(ended('signal')).includes('lame duck ended by a second SIGINT, 3800 ms early'))
  })

  test('says when new connections were left to others', () => {
    const report: Report = { ...clean, handOver: { at: 12.3, connections: 1, requests: 20 } }
    assert.ok(
      draw(report).includes('handed over after 12 ms, with 1 connection open · 20 requests after that')
    )
  })
})

describe('no line is longer than the width', () => {
  for (const [name, report] of Object.entries(everyReport)) {
    for (const width of [40, 60, 80, 200]) {
      test(`${name} in ${width} columns`, () => {
        const lines = draw(report, width)
        for (const line of lines) {
          assert.ok([...line].length <= width, line)
          assert.equal(line, line.trimEnd())
        }
        assert.ok(lines.some((line) => [...line].length > width * 0.9) || report === instant)
      })
    }
  }

  test('whatever the report says', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 })
    const time = fc.double({ min: 0, max: 30_000, noNaN: true })
    const outcome = fc.constantFrom('ok', 'error', 'timeout', 'unfinished', 'unstarted')
    const phase = fc.constantFrom('lameDuck', 'draining', 'closing')
    const error = fc.record({ name: text, message: text })
    const hook = fc.record({
      name: text,
      phase,
      outcome,
      at: time,
      duration: time,
      error,
      waitedFor: fc.array(text),
      despite: fc.array(text)
    })
    const cut = fc.record({ id: fc.option(text), method: text, route: text, age: time })
    fc.assert(
      fc.property(
        fc.array(hook),
        fc.array(cut),
        time,
        fc.integer({ min: 40, max: 200 }),
        fc.array(fc.record({ name: text, age: time })),
        fc.array(fc.record({ type: text, count: fc.nat() })),
        (hooks, cuts, duration, width, left, alive) => {
          const requests = { ...clean.requests, cut: cuts }
          const work = { ...clean.work, cut: left }
          const report = { ...failed, hooks, requests, duration, work, alive } as Report
          for (const line of draw(report, width)) assert.ok(columnsOf(line) <= width, line)
        }
      )
    )
  })
})

describe('text', () => {
  test('takes two columns for what is wide', () => {
    const columns = {
      db: 2,
      日本語: 6,
      한국: 4,
      '🚀': 2,
      '👩‍💻': 2,
      '🇨🇭': 2,
      ｆｕｌｌ: 8,
      'e\u0301': 1,
      '✓': 1,
      '✔\ufe0f': 2
    }
    for (const [word, expected] of Object.entries(columns)) assert.equal(columnsOf(word), expected, word)
  })

  test('is shortened between characters, never inside one', () => {
    assert.equal(shorten('日本語', 6), '日本語')
    assert.equal(shorten('日本語', 5), '日本…')
    assert.equal(shorten('日本語', 4), '日…')
    assert.equal(shorten('one two', 5), 'one…')
  })

  test('from outside can neither colour, nor break the line, nor turn it around', () => {
    assert.equal(oneLine(' \x1b[31mred\x1b[39m\r\n\tnext\u202e\u2028line\x07 '), 'red next line')
    const hooks = [{ ...(failed.hooks[0] as HookReport), name: 'a\nb\x1b[2J' }]
    assert.match(picture(...draw({ ...failed, hooks })), /✗ a b +3[\s\S]*✗ hook 'a b' failed/)
  })
})

describe('colour', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const codes = /\x1b\[/

  test('is there only where it is wanted, and changes nothing else', () => {
    for (const report of [clean, failed, atDeadline]) {
      const plain = formatReport(report, { width: 80, color: false })
      const coloured = formatReport(report, { width: 80, color: true })
      assert.doesNotMatch(plain, codes)
      assert.match(coloured, codes)
      assert.equal(stripVTControlCharacters(coloured), plain)
    }
  })

  const cases: readonly [what: string, isTTY: boolean, env: NodeJS.ProcessEnv, expected: boolean][] = [
    ['by default in a terminal', true, {}, true],
    ['not in a pipe', false, {}, false],
    ['not in a terminal without abilities', true, { TERM: 'dumb' }, false],
    ['not with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR, which says nothing', true, { NO_COLOR: '' }, true],
    ['in a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['with FORCE_COLOR before NO_COLOR', false, { FORCE_COLOR: '', NO_COLOR: '1' }, true],
    ['not with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['not with FORCE_COLOR=false', true, { FORCE_COLOR: 'false' }, false]
  ]
  for (const [what, isTTY, env, expected] of cases) {
    test(what, () => {
      const { paint } = canvasOf(clean, {}, { isTTY }, env)
      assert.equal(codes.test(paint({ tone: 'good', text: 'x' })), expected)
    })
  }
})

describe('the width', () => {
  test("is the terminal's where none is given", () => {
    const widthFor = (columns: number | undefined) =>
      canvasOf(clean, {}, columns === undefined ? {} : { columns }, {}).width
    assert.deepEqual([undefined, 0, 20, 120, 5_000].map(widthFor), [80, 80, 40, 120, 1_000])
  })

  test('and the colour need not be given', () => {
    assert.match(formatReport(JSON.parse(JSON.stringify(clean))), /shutdown clean/)
  })
})

describe('what cannot be drawn is a coded error:', () => {
  const cases: readonly [what: string, report: unknown, options: unknown, code: string, message: RegExp][] = [
    ['no report', null, {}, 'INVALID', /'report' must be an object, but it is null/],
    ['a report of another version', { version: 2 }, {}, 'INVALID', /'report.version' must be 1.*number 2/],
    ['options that are none', clean, 80, 'INVALID', /'options' must be an object/],
    ['an unknown option', clean, { colour: true }, 'UNKNOWN', /'colour'. Did you mean 'color'\?/],
    ['too narrow', clean, { width: 39 }, 'INVALID', /columns from 40 to 1000, but it is the number 39/],
    ['too wide', clean, { width: 1_001 }, 'INVALID', /1001/],
    ['half a column', clean, { width: 80.5 }, 'INVALID', /80.5/],
    ['a string for the width', clean, { width: '80' }, 'INVALID', /the string '80'/],
    ['a string for the colour', clean, { color: 'red' }, 'INVALID', /'color' must be true or false/]
  ]
  for (const [what, report, options, code, message] of cases) {
    test(what, () => {
      assert.throws(() => formatReport(report as Report, options as FormatReportOptions), {
        code: `FST_LIFECYCLE_OPTION_${code}`,
        message
      })
    })
  }
})
