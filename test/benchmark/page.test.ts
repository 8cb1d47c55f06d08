import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { reference } from '../../benchmark/nodes.ts'
import { svgOf } from '../../benchmark/page/chart.ts'
import { notes } from '../../benchmark/page/notes.ts'
import { renderPage } from '../../benchmark/page/page.ts'
import { scenarios as section } from '../../benchmark/page/scenarios.ts'
import { readResults } from '../../benchmark/page/write.ts'
import { scenarios } from '../../benchmark/scenarios/all.ts'
import type { CompareResults, Packed } from '../../benchmark/scenarios/results.ts'
import { ours } from '../../benchmark/subjects.ts'

const docs = new URL('../../../docs/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, docs), 'utf8')
const results = readResults('compare.json') as CompareResults

describe('docs/comparison.md', () => {
  const page = renderPage(readResults)

  test('is what the results say, byte for byte: `npm run bench -- compare --render` writes it', () => {
    assert.equal(read('comparison.md'), page.markdown)
  })

  test('shows pictures that are what the results say, and no others', () => {
    for (const { file, svg } of page.pictures) assert.equal(read(file), svg)
    const shown = page.pictures.map(({ file }) => file).sort()
    assert.deepEqual(
      readdirSync(docs)
        .filter((file) => file.startsWith('comparison-'))
        .sort(),
      shown
    )
    for (const file of shown) assert.ok(page.markdown.includes(`](${file})`), file)
  })

  test('is the same each time it is made', () => {
    assert.deepEqual(renderPage(readResults), page)
  })

  test('has no part without results', () => {
    const { markdown, pictures } = renderPage(() => undefined)
    assert.doesNotMatch(markdown, /^## /m)
    assert.deepEqual(pictures, [])
  })

  test('begins with one table of all, then the scenarios in which another is better', () => {
    const headings = [...page.markdown.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    assert.deepEqual(headings.slice(0, 2), ['At a glance', 'Where another is better'])
  })

  test('cannot be made where another is better and nobody has written why', () => {
    const noted = notes.flatMap((note) => note.scenarios)
    const { name } = scenarios.find((scenario) => !noted.includes(scenario.name)) as { name: string }
    const runs = changed(name, (bySubject) => ({
      ...bySubject,
      [ours]: Array(results.repeats).fill([null, null, 0, { lost: 9 }])
    }))
    assert.throws(
      () => section.render({ ...results, runs }),
      new RegExp(`^Error: in '${name}' .* did better`)
    )
  })

  test('cannot be made from results in which something is missing', () => {
    assert.throws(
      () => section.render({ ...results, runs: changed('idle', () => ({})) }),
      /was run 0 times instead of/
    )
  })
})

/** The results, with those of one scenario on the reference changed. */
function changed(
  scenario: string,
  change: (bySubject: Packed[string][string]) => Packed[string][string]
): Packed {
  const byNode = results.runs[scenario] ?? {}
  return { ...results.runs, [scenario]: { ...byNode, [reference]: change(byNode[reference] ?? {}) } }
}

describe('a chart', () => {
  const bars = (color: string) =>
    svgOf(
      { xAxis: {}, yAxis: { type: 'category' }, series: [{ type: 'bar', data: [1], itemStyle: { color } }] },
      { width: 100, height: 100, label: 'one bar' }
    )

  test('may use no colour that would be unreadable in the dark', () => {
    assert.match(bars('#2a6bb0'), /<title>one bar<\/title>/)
    assert.throws(() => bars('#123456'), /uses #123456, which is not in the palette/)
  })
})
