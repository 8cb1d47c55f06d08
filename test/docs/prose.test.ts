import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inRoot } from './pages.ts'

interface Passage {
  readonly line: number
  readonly text: string
}

type Passages = (path: string, text: string) => Passage[]

const part = (name: string) => import(pathToFileURL(inRoot(`scripts/prose/${name}.mjs`)).href)
const { findingsIn, longestSentence } = (await part('rules')) as {
  findingsIn(text: string): { rule: string; reason: string }[]
  longestSentence: number
}
const { passagesOfPage } = (await part('pages')) as { passagesOfPage: Passages }
const { passagesOfCode, namesOfTests } = (await part('code')) as {
  passagesOfCode: Passages
  namesOfTests: Passages
}

const sentence = (words: number) => `${'word and '.repeat(words / 2 - 1)}last word.`
const rulesBroken = (text: string) => findingsIn(text).map(({ rule }) => rule)
const proseIn = (passages: Passage[]) => passages.map(({ line, text }) => [line, text])

describe('the linter of prose', () => {
  test('finds a sentence that is too long, but not two that are short', () => {
    assert.deepEqual(rulesBroken(sentence(longestSentence + 1)), ['sentence-length'])
    assert.deepEqual(rulesBroken(`${sentence(24)} nginx begins the next. ${sentence(24)}`), [])
  })

  test('finds private words, and a word that stands there twice', () => {
    assert.deepEqual(rulesBroken('The client is told.'), ['words'])
    assert.deepEqual(rulesBroken('The client is told to retry.'), [])
    assert.deepEqual(rulesBroken('It waits for for ever.'), ['repeated-word'])
  })

  test('reads paragraphs, headings and cells of a page, but no code', () => {
    const page = '# One\n\nTwo `const a` three.\n\n```ts\nfour\n```\n\n| five | six; seven |\n|---|---|\n'
    const found = proseIn(passagesOfPage('page.md', page)).filter(([, text]) => /[a-z]/.test(String(text)))
    assert.deepEqual(found, [
      [1, 'One'],
      [3, 'Two Code three.'],
      [9, 'five'],
      [9, 'six'],
      [9, 'seven']
    ])
  })

  test('reads comments, sentences in strings, and names of tests', () => {
    const code = "/**\n * A comment {@link here}.\n *\n * @default a word\n */\nfail('The text is long.')\n"
    assert.deepEqual(proseIn(passagesOfCode('code.ts', code)), [
      [1, 'A comment Code.'],
      [1, 'a word'],
      [6, 'The text is long.']
    ])
    assert.deepEqual(proseIn(namesOfTests('a.test.ts', "test('it works', () => {})")), [[1, 'it works']])
  })
})
