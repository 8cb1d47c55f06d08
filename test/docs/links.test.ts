import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { runToEnd } from '../support/children.ts'
import { inRoot, pages, root } from './pages.ts'

/** What `remark-validate-links` says of the pages: links between them, and to headings in them. */
async function brokenLinks(paths: readonly string[]): Promise<string> {
  const cli = inRoot('node_modules/remark-cli/cli.js')
  const settings = ['--use', 'remark-validate-links=repository:false', '--frail', '--quiet', '--no-color']
  const given = [cli, ...settings, ...paths]
  const { code, stderr } = await runToEnd(process.execPath, given, { cwd: inRoot('') })
  return code === 0 ? '' : stderr
}

describe('the links on the pages', () => {
  const all = pages()

  test('lead to a page or a file that exists, and to a heading of it', async () => {
    assert.equal(await brokenLinks(all.map(({ path }) => path)), '')
  })

  test('lead to pictures that exist, also where they are written as HTML', () => {
    for (const { path, text } of all) {
      for (const [, source] of text.matchAll(/<(?:img|source)\b[^>]*\bsrc(?:set)?="([^"]+)"/g)) {
        assert.ok(existsSync(new URL(join(dirname(path), source as string), root)), `${path}: ${source}`)
      }
    }
  })

  test('lead from README.md to every page, in two steps at most', () => {
    const byPath = new Map(all.map((page) => [page.path, page.text]))
    const linkedFrom = (path: string) =>
      [...(byPath.get(path) ?? '').matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) =>
        join(dirname(path), target as string).replaceAll('\\', '/')
      )
    const near = linkedFrom('README.md')
    const reached = new Set(['README.md', ...near, ...near.flatMap(linkedFrom)])
    assert.deepEqual(
      [...byPath.keys()].filter((path) => !reached.has(path)),
      []
    )
  })
})
