import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SaxesParser } from 'saxes'
import type { HookReport, Report } from '../../../index.ts'
import { type ReportToSVGOptions, reportToSVG } from '../../../report/index.ts'
import fc from '../../support/properties.ts'
import {
  atDeadline,
  clean,
  everyReport,
  failed,
  free,
  graph,
  unreached,
  unstarted
} from '../../support/reports.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly parent: Element | undefined
  text: string
}

/** Every element of the picture. Throws where it is not well-formed XML. */
function parse(svg: string): Element[] {
  const parser = new SaxesParser()
  const all: Element[] = []
  const open: Element[] = []
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, parent: open.at(-1), text: '' }
    all.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    for (const element of open) element.text += text
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(svg).close()
  return all
}

const texts = (elements: Element[]) => elements.filter(({ name }) => name === 'text').map(({ text }) => text)
const titles = (elements: Element[]) =>
  elements.filter(({ name }) => name === 'title').map(({ text }) => text)

describe('the picture', () => {
  for (const [name, report] of Object.entries(everyReport)) {
    for (const width of [320, 800, 1_600]) {
      test(`of ${name} is well-formed, and stays within ${width} px`, () => {
        const elements = parse(reportToSVG(report, { width }))
        const [root] = elements as [Element]
        assert.deepEqual(
          [root.name, root.attributes['role'], root.attributes['width']],
          ['svg', 'img', `${width}`]
        )
        assert.equal(elements.filter(({ name }) => ['script', 'image', 'a', 'use'].includes(name)).length, 0)
        for (const { attributes } of elements.filter(({ name }) => name === 'path')) {
          const numbers =
            String(attributes['d'])
              .match(/[\d.]+/g)
              ?.map(Number) ?? []
          assert.ok(
            numbers.every((number) => Number.isFinite(number)),
            attributes['d']
          )
          const [, from] = /^M([\d.]+)/.exec(String(attributes['d'])) as unknown as [string, string]
          assert.ok(Number(from) <= width - 24, attributes['d'])
        }
      })
    }
  }

  test('shows what formatReport shows', () => {
    const shown = texts(parse(reportToSVG(graph))).join('\n')
    for (const words of [
      '✗ shutdown failed in 2.7 s (SIGTERM): ',
      'closing',
      'outbox',
      "↳ hook 'db' ran although 'outbox' had not ended well",
      "✗ work 'import' timed out at the age of 2502 ms",
      'still alive: 1 pipe · 3 TCP connections · 2 timers'
    ]) {
      assert.ok(shown.includes(words), `${words} is not in ${shown}`)
    }
  })

  test('has a bar for each phase and hook that began, told apart by its shape, and a line for each wait', () => {
    const paths = parse(reportToSVG(graph)).filter(({ name }) => name === 'path')
    const withClass = (name: string) => paths.filter(({ attributes }) => attributes['class'] === name)
    assert.equal(withClass('phase').length, 3)
    assert.equal(withClass('good').length, 4)
    const [broken] = withClass('bad')
    assert.ok(broken?.attributes['stroke-dasharray'] !== undefined)
    assert.equal(withClass('wait').length, 3)
    const bars = parse(reportToSVG(unstarted)).filter(({ attributes }) => attributes['class'] === 'bad')
    assert.equal(bars.filter(({ name }) => name === 'path').length, 1)
  })

  test('says all of it in words to those who cannot see it, or point at it', () => {
    const elements = parse(reportToSVG(graph))
    assert.match(String(titles(elements)[0]), /^shutdown failed in 2\.7 s \(SIGTERM\): .*; exit code 1$/)
    assert.ok(titles(elements).includes('db: ok, 1000 ms, begun at 1700 ms, waited for outbox, cache'))
    assert.match(
      String(elements.find(({ name }) => name === 'desc')?.text),
      /hook 'outbox' failed after 400 ms/
    )
    assert.ok(titles(parse(reportToSVG(unreached))).includes('closing: never reached'))
  })

  test('of a shutdown that never left the boot has no timeline', () => {
    const elements = parse(reportToSVG({ ...atDeadline, phases: [], hooks: [] }))
    assert.equal(elements.filter(({ name }) => name === 'path').length, 0)
    assert.ok(texts(elements).some((text) => text.includes('the boot was not over')))
  })

  test('shortens what is too long, and shows the whole where it is pointed at', () => {
    const name = 'x'.repeat(300)
    const hooks: HookReport[] = [
      { name, phase: 'closing', outcome: 'timeout', at: 2_505, duration: 3, ...free }
    ]
    const elements = parse(reportToSVG({ ...clean, hooks }))
    assert.ok(texts(elements).some((text) => /^x+…$/.test(text)))
    assert.ok(titles(elements).some((text) => text.includes(name)))
  })

  test('has colours for light and for dark, and loads nothing', () => {
    const svg = reportToSVG(clean)
    assert.match(svg, /@media \(prefers-color-scheme:dark\)/)
    assert.doesNotMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|url\(|@import/)
  })

  test('is well-formed whatever the report says, and shows it as text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('<script>alert(1)</script>', ']]>', '&amp;', '"\'', '\u0000\uffff\ud800', '🚀日本')
    )
    const outcome = fc.constantFrom('ok', 'error', 'timeout', 'unfinished', 'unstarted')
    const time = fc.double({ min: 0, max: 30_000, noNaN: true })
    const hook = fc.record({
      name: text,
      phase: fc.constantFrom('lameDuck', 'draining', 'closing'),
      outcome,
      at: time,
      duration: time,
      waitedFor: fc.array(text, { maxLength: 3 }),
      despite: fc.array(text, { maxLength: 3 }),
      error: fc.record({ name: text, message: text })
    })
    fc.assert(
      fc.property(
        fc.array(hook),
        text,
        text,
        fc.integer({ min: 320, max: 4_000 }),
        (hooks, route, type, width) => {
          const requests = { ...clean.requests, cut: [{ id: route, method: type, route, age: 1 }] }
          const report = { ...failed, hooks, requests, alive: [{ type, count: 1 }] } as Report
          const elements = parse(reportToSVG(report, { width }))
          assert.ok(!elements.some(({ name }) => name === 'script'))
        }
      ),
      { numRuns: 60 }
    )
  })
})

describe('what cannot be drawn is a coded error:', () => {
  const bad: readonly [what: string, options: unknown, code: string, message: RegExp][] = [
    ['too narrow', { width: 319 }, 'OPTION_INVALID', /a whole number of pixels from 320 to 4000/],
    ['too wide', { width: 4_001 }, 'OPTION_INVALID', /4001/],
    ['a width in words', { width: '800' }, 'OPTION_INVALID', /the string '800'/],
    ['an unknown option', { color: true }, 'OPTION_UNKNOWN', /'color'/],
    ['options that are none', null, 'OPTION_INVALID', /'options' must be an object/]
  ]
  for (const [what, options, code, message] of bad) {
    test(what, () => {
      const expected = { code: `FST_LIFECYCLE_${code}`, message }
      assert.throws(() => reportToSVG(clean, options as ReportToSVGOptions), expected)
    })
  }

  test('what is no report', () => {
    assert.throws(() => reportToSVG({} as Report), {
      code: 'FST_LIFECYCLE_OPTION_INVALID',
      message: /version/
    })
  })
})
