import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scriptOf, wordsOf } from '../../../../check/commands/words.ts'
import fc from '../../../support/properties.ts'

const commands = (text: string) =>
  scriptOf(text).commands.map(({ words, after }) => `${after} ${words.join(' ')}`.trim())

describe('a script of a shell', () => {
  test('is split into its commands, with what stands between them', () => {
    assert.deepEqual(commands('a b && c || d; e\nf'), ['a b', '&& c', '|| d', '; e', '; f'])
    assert.deepEqual(commands('a | b |& c & d'), ['a', '| b', '| c', '& d'])
    assert.deepEqual(commands('a \\\n  b'), ['a b'])
    assert.deepEqual(commands('a # b\nc#d'), ['a', '; c#d'])
  })

  test('keeps quoted words, variables and substitutions together', () => {
    assert.deepEqual(scriptOf(`a 'b c' "d \\" e" f\\ g $(h $(i)) \`j k\` $(l`).commands[0]?.words, [
      'a',
      'b c',
      'd " e',
      'f g',
      '$(h $(i))',
      '`j k`',
      '$(l'
    ])
    assert.deepEqual(scriptOf('a `b').commands[0]?.words, ['a', '`b'])
  })

  test('may redirect, which is none of its words', () => {
    const [first] = scriptOf('a 2>&1 >> /var/log x < y').commands
    assert.deepEqual([first?.words, first?.isRedirected], [['a', 'x'], true])
    assert.equal(scriptOf('a').commands[0]?.isRedirected, false)
    assert.deepEqual(scriptOf('a &> b c').commands[0]?.words, ['a', 'c'])
  })

  test('says whether it is compound, and whether it ends in the background', () => {
    for (const text of ['if a; then b; fi', '(a)', 'f() { a; }', 'case a in b) c;; esac'])
      assert.ok(scriptOf(text).isCompound, text)
    assert.ok(!scriptOf('a; b').isCompound)
    assert.ok(scriptOf('a &').endsInBackground)
    assert.ok(scriptOf('a; b &\n').endsInBackground)
    assert.ok(!scriptOf('a & b').endsInBackground)
  })

  test('may be anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...' ab\'"\\$()`<>&|;#\n{}') }),
        (one, other) => {
          for (const text of [one, other]) {
            assert.ok(scriptOf(text).commands.every(({ words }) => words.length > 0))
            assert.ok(Array.isArray(wordsOf(text)))
          }
        }
      )
    )
  })
})

test('words without a shell are split at white space, but for quotes and escapes', () => {
  assert.deepEqual(wordsOf(` a  'b c' "d 'e" f\\ g\th `), ['a', 'b c', "d 'e", 'f g', 'h'])
  assert.deepEqual(wordsOf('""'), [''])
  assert.deepEqual(wordsOf('a\\'), ['a\\'])
})
