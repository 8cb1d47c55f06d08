import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOfJSON, namedAtMost, Oldest, quoted, shorten, shown } from '../../lib/bounds.ts'
import { FST_LIFECYCLE_OPTION_INVALID } from '../../lib/errors.ts'
import fc from '../support/properties.ts'

test('a text takes no more bytes in a line of JSON than it may, and is cut between characters', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.base64String())
  fc.assert(
    fc.property(
      texts,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 10, max: 300 }),
      (part, times, most) => {
        const text = part.repeat(times)
        const short = shorten(text, most)
        assert.ok(bytesOfJSON(short) - 2 <= most)
        if (bytesOfJSON(text) - 2 <= most) assert.equal(short, text)
        else assert.ok(short.endsWith('…') && text.startsWith(short.slice(0, -1)))
      }
    )
  )
  assert.equal(shorten('😀😀😀😀', 12), '😀😀…')
  assert.equal(shorten('\ud800'.repeat(10), 12), '\ud800…')
})

test('of many the oldest are kept, and only those are made', () => {
  const oldest = new Oldest<number>()
  let made = 0
  for (let index = 0; index < 50; index++) {
    oldest.add(() => {
      made++
      return index
    })
  }
  assert.deepEqual([made, oldest.count, oldest.others], [namedAtMost, 50, 30])
  assert.deepEqual([oldest.kept[0], oldest.kept.at(-1)], [0, 19])
})

test('of many names the first are said', () => {
  const names = Array.from({ length: 22 }, (_, index) => `n${index}`)
  assert.equal(quoted(['a', 'b']), "'a', 'b'")
  assert.match(quoted(names), /^'n0', .*, 'n19' and 2 more$/)
  assert.equal(quoted(['a'], 5), "'a' and 4 more")
})

test('control characters are shown', () => {
  assert.equal(shown('a\u001b[2J\nb\u2028\u202ec'), 'a\\u001b[2J\\u000ab\\u2028\\u202ec')
})

test('the message of a coded error stays short', () => {
  const long = 'x'.repeat(1_000_000)
  const error = new FST_LIFECYCLE_OPTION_INVALID(long, long, long)
  assert.ok(error.message.length < 1_600)
  assert.ok(error instanceof FST_LIFECYCLE_OPTION_INVALID && error instanceof TypeError)
  assert.match(String(error.stack?.split('\n')[1]), /bounds\.test/)
})
