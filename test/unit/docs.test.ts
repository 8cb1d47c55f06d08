import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { settingsOf } from '../../lib/settings.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
for (const file of await readdir(join(root, 'docs'), { recursive: true })) {
  if (file.endsWith('.md')) pages.push(`docs/${file.replaceAll('\\', '/')}`)
}

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

async function anchorsOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading as string))
}

describe('the documentation', () => {
  for (const page of pages) {
    test(`has no broken link in ${page}`, async () => {
      const text = await readFile(join(root, page), 'utf8')
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(
        ([, link, source]) => link ?? source
      )
      for (const target of targets as string[]) {
        if (/^https?:/.test(target)) continue
        const [path, anchor] = target.split('#') as [string, string?]
        const file = path === '' ? page : join(dirname(page), path)
        assert.ok(existsSync(join(root, file)), `${page} links to ${target}`)
        if (anchor !== undefined)
          assert.ok((await anchorsOf(file)).includes(anchor), `${page} links to ${target}`)
      }
    })
  }

  test('lists every option in the README', async () => {
    const text = await readFile(join(root, 'README.md'), 'utf8')
    const { message } = (() => {
      try {
        return settingsOf({ zzz: true } as never) as never
      } catch (error) {
        return error as Error
      }
    })()
    const names = (/Known are: (.*)\./.exec(message) as RegExpExecArray)[1]?.split(', ') as string[]
    for (const name of names) assert.match(text, new RegExp(`^\\| \`${name}\` +\\|`, 'm'))
  })
})
