import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Block, blocksIn, typeErrorsIn } from './blocks.ts'
import { pages } from './pages.ts'

// That of the subjects is for those who add one, and is code in outline.
const blocks = pages()
  .filter(({ path }) => path !== 'benchmark/subjects/README.md')
  .flatMap(blocksIn)
const checked = blocks.filter(({ unchecked }) => unchecked === undefined)

const mistake: Block = {
  page: 'no-page.md',
  line: 7,
  language: 'ts',
  code: 'await app.register(lifecycle, { deadlin: 1 })',
  unchecked: undefined
}

describe('the code on the pages', () => {
  let errors: string[]

  before(async () => {
    errors = await typeErrorsIn([...checked, mistake])
  })

  test('has the right types, line by line', (t) => {
    t.diagnostic(`${checked.length} of ${blocks.length} blocks`)
    assert.ok(checked.length >= 100, `${checked.length}`)
    assert.deepEqual(
      errors.filter((error) => !error.startsWith(' ') && !error.startsWith('no-page.md')),
      []
    )
  })

  test('is looked at: a mistake is found, in its line', () => {
    const found = errors.filter((error) => error.startsWith('no-page.md(8,'))
    assert.equal(found.length, 1)
    assert.match(errors.join('\n'), /'deadlin' does not exist/)
  })

  test('is left unchecked only where it needs a package that is not here, and says so', () => {
    const left = blocks.flatMap(({ page, unchecked }) =>
      unchecked === undefined ? [] : [`${page}: ${unchecked}`]
    )
    for (const reason of left) assert.match(reason, /^docs\/(?:migration\.md: needs|modules\.md: it is) /)
    assert.ok(left.length <= 8, left.join('\n'))
  })
})
