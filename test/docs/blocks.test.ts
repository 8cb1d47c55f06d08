import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blocksIn, typeErrorsIn } from './blocks.ts'
import { pages } from './pages.ts'

const blocks = pages().flatMap(blocksIn)
const checked = blocks.filter(({ unchecked }) => unchecked === undefined)

describe('the code on the pages', () => {
  test('has the right types, line by line', async (t) => {
    t.diagnostic(`${checked.length} of ${blocks.length} blocks`)
    assert.ok(checked.length >= 25, `${checked.length}`)
    assert.deepEqual(await typeErrorsIn(checked), [])
  })

  test('is looked at: a mistake is found, and its page is named', async () => {
    const mistake = {
      page: 'README.md',
      line: 7,
      language: 'ts',
      code: 'await app.register(lifecycle, { deadlin: 1 })',
      unchecked: undefined
    } as const
    const [error, ...details] = await typeErrorsIn([mistake])
    assert.match(error as string, /^README\.md\(8,\d+\): error /)
    assert.match(details.join('\n'), /'deadlin'/)
  })

  test('is left unchecked only where it needs a package that is not here, and says so', () => {
    const left = blocks.flatMap(({ page, unchecked }) =>
      unchecked === undefined ? [] : [`${page}: ${unchecked}`]
    )
    for (const reason of left) assert.match(reason, /^docs\/migration\.md: needs /)
    assert.ok(left.length <= 8, left.join('\n'))
  })
})
