import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HelpWanted, UsageError } from '../../../command/command.ts'
import { readFlags } from '../../../command/flags.ts'

const flags = {
  rate: { value: '<number>', short: 'r', text: '' },
  path: { value: '<path>', multiple: true, text: '' },
  json: { text: '' },
  help: { short: 'h', text: '' }
} as const

describe('flags', () => {
  test('are read with and without an equals sign, short and long', () => {
    const args = ['--rate=5', '--path', '/a', '--path=/b', '--json', 'file']
    const expected = { rate: '5', path: ['/a', '/b'], json: true }
    const { flags: given, rest } = readFlags(flags, args)
    assert.deepEqual({ ...given }, expected)
    assert.deepEqual(rest, ['file'])
    assert.deepEqual({ ...readFlags(flags, ['-r', '5']).flags }, { rate: '5' })
  })

  test('end at a double dash', () => {
    assert.deepEqual(readFlags(flags, ['a', '--', '--json', '--']).rest, ['a', '--json', '--'])
  })

  for (const args of [
    ['--rate', '5', '--', 'node', '--rate', 'x', '--', '-h'],
    ['--rate', '5', 'node', '--rate', 'x', '--', '-h']
  ]) {
    test(`of another program are not ours: ${args.join(' ')}`, () => {
      const { flags: given, rest } = readFlags(flags, args, { stopsAtFirstWord: true })
      assert.equal(given.rate, '5')
      assert.deepEqual(rest, ['node', '--rate', 'x', '--', '-h'])
    })
  }

  test('that ask for help win over those that are wrong', () => {
    assert.throws(() => readFlags(flags, ['--wrong', '-h']), HelpWanted)
  })

  const wrong: readonly [args: readonly string[], message: string][] = [
    [['--rat', '5'], "Unknown flag '--rat'. Did you mean '--rate'?"],
    [['--frobnicate'], "Unknown flag '--frobnicate'."],
    [['-x'], "Unknown flag '-x'."],
    [['--__proto__=1'], "Unknown flag '--__proto__'."],
    [['--rate'], "'--rate' needs a value: --rate=<number>"],
    [['--rate', '--json'], "'--rate' needs a value: --rate=<number>"],
    [['--json=no'], "'--json' is a switch and takes no value, but 'no' was given."]
  ]
  for (const [args, message] of wrong) {
    test(`are refused: ${args.join(' ')}`, () => {
      assert.throws(() => readFlags(flags, args), new UsageError(message))
    })
  }

  test('may have a value that begins with a dash, behind an equals sign', () => {
    assert.equal(readFlags(flags, ['--rate=-5']).flags.rate, '-5')
  })
})
