import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { toYaml, type Yaml } from '../../../deployment/yaml.ts'
import fc from '../../support/properties.ts'

describe('the YAML', () => {
  test('is what a person would write', () => {
    const value = {
      spec: { list: [{ name: 'a', on: true }, { name: 'b' }], none: [], empty: {}, left: undefined },
      count: 1
    }
    const lines = [
      'spec:',
      '  list:',
      '    - name: a',
      '      "on": true',
      '    - name: b',
      '  none: []',
      '  empty: {}',
      'count: 1',
      ''
    ]
    assert.equal(toYaml(value), lines.join('\n'))
  })

  test('has no character that YAML does not allow as it is', () => {
    assert.equal(toYaml('ü\u0085\ufeff'), '"\\u00fc\\u0085\\ufeff"\n')
  })

  for (const version of ['1.1', '1.2'] as const) {
    test(`is read back as what was written, by YAML ${version}`, () => {
      const words = fc.constantFrom(
        'e0',
        'E-12',
        'yes',
        'No',
        'null',
        '~',
        '10s',
        '1e3',
        '0x1f',
        '12:30',
        '- a',
        'a: b',
        'a #b',
        '/',
        ':',
        'a:'
      )
      const string = fc.oneof(words, fc.string(), fc.string({ unit: 'binary' }))
      const { tree } = fc.letrec<{ tree: Yaml }>((tie) => ({
        tree: fc.oneof(
          { depthSize: 'small' },
          string,
          fc.integer(),
          fc.boolean(),
          fc.array(tie('tree'), { maxLength: 3 }),
          fc.dictionary(
            string.filter((key) => key !== '__proto__' && key !== '<<'),
            tie('tree'),
            { maxKeys: 3, noNullPrototype: true }
          )
        )
      }))
      fc.assert(
        fc.property(tree, (value) => assert.deepEqual(parse(toYaml(value), { version }), value)),
        { numRuns: 500 }
      )
    })
  }
})
