import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formats } from '../../check/files/formats.ts'
import { ruleNames } from '../../check/rules/names.ts'
import { inRoot } from './pages.ts'

const page = readFileSync(inRoot('docs/check.md'), 'utf8')

test('docs/check.md has a heading for each rule of the check, in their order, and for nothing else', () => {
  const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name)
  assert.deepEqual(headings, ruleNames)
})

test('docs/check.md names each format that the check takes', () => {
  const [, table = ''] = /^## What it reads\n(.*?)^## /ms.exec(page) ?? []
  for (const format of formats) assert.match(table, new RegExp(`\\b${format}\\b`, 'i'))
})
