import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { source } from '../support/program.ts'

describe('the page of the drill', () => {
  test('explains each finding that there is, and no other', () => {
    const folder = source('drill/findings')
    const code = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    const codes = code.flatMap((text) =>
      [...text.matchAll(/\b(?:fault|note)\(\s*'([a-z-]+)'/g)].map(([, name]) => name as string)
    )
    const page = readFileSync(source('docs/drill.md'), 'utf8')
    const headings = [...page.matchAll(/^### ([a-z-]+)$/gm)].map(([, name]) => name as string)
    assert.deepEqual([...new Set(codes)].sort(), headings.toSorted())
    assert.ok(headings.length > 30)
  })
})
