import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { root, type User } from './user.ts'

/** The files on the page, by name: each block of code that is introduced by a name and a colon. */
export async function filesOnPage(page: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, page), 'utf8')
  const files = [...text.matchAll(/^`([\w.]+)`:\n\n(?:<!-- .+ -->\n\n)?```\w+\n(.*?)^```$/gms)]
  return new Map(files.map(([, name, code]) => [name as string, code as string]))
}

const walk = ['lameDuck', 'draining', 'closing', 'closed']
const headline = /^✓ shutdown clean in [\d.]+ m?s \(app\.close\(\)\)/
// Both give up after five seconds, which a busy machine may need to load Fastify.
const patience = ['--testTimeout', '60000']
const fromTypes = 'db closes because of close\nclean\n'
const fromCommonJS = 'closing null\n'

/** That the programs and tests of docs/modules.md do what they say, with whatever runs them. */
export function describeRunners(installed: Promise<User>): void {
  describe('the files of docs/modules.md', { concurrency: 2 }, () => {
    let user: User
    before(async () => {
      user = await installed
      for (const [name, code] of await filesOnPage('docs/modules.md')) await user.write(name, code)
    })

    for (const name of ['app.mjs', 'app.cjs']) {
      test(`${name} runs`, async () => {
        const { stdout, stderr } = await user.node(name)
        const lines = stdout.trim().split('\n')
        assert.deepEqual([stderr, lines.filter((line) => line !== 'ready').slice(0, -1)], ['', walk])
        assert.match(lines.at(-1) as string, headline)
      })
    }

    for (const [name, printed] of [
      ['app.mts', fromTypes],
      ['commonjs.ts', fromCommonJS]
    ] as const) {
      test(`${name} is run by tsx`, async () => {
        const { stdout, stderr } = await user.node(tool('tsx/dist/cli.mjs'), name)
        assert.deepEqual([stderr, stdout], ['', printed])
      })
    }

    const strips = 'typescript' in process.features && process.features.typescript !== false
    const where = strips ? {} : { skip: `Node.js ${process.version} does not run TypeScript` }
    test('app.mts is run by Node.js itself', where, async () => {
      const { stdout, stderr } = await user.node('app.mts')
      assert.deepEqual([stderr, stdout], ['', fromTypes])
    })

    test('app.mts and commonjs.ts run when tsc has compiled them', async () => {
      const compiling = await user.node(tool('typescript/bin/tsc'), '--outDir', 'compiled')
      assert.deepEqual([compiling.stdout, compiling.code], ['', 0])
      for (const [name, printed] of [
        ['compiled/app.mjs', fromTypes],
        ['compiled/commonjs.js', fromCommonJS]
      ] as const) {
        const { stdout, stderr } = await user.node(name)
        assert.deepEqual([stderr, stdout], ['', printed])
      }
    })

    test('jest.test.js passes in Jest', async () => {
      const { stderr, code } = await user.node(tool('jest/bin/jest.js'), ...patience, 'jest.test.js')
      assert.match(stderr, /Tests: +1 passed, 1 total/)
      assert.equal(code, 0)
      assert.doesNotMatch(stderr, /did not exit|failed to exit/)
    })

    test('vitest.test.mjs passes in Vitest', async () => {
      const { stdout, stderr, code } = await user.node(
        tool('vitest/vitest.mjs'),
        'run',
        ...patience,
        'vitest.test.mjs'
      )
      assert.match(stdout, /Tests +1 passed/, stderr)
      assert.equal(code, 0)
    })

    test('node.test.mjs passes', async () => {
      const { stdout, code } = await user.node('--test', '--test-reporter=tap', 'node.test.mjs')
      assert.match(stdout, /^# pass 1$/m)
      assert.equal(code, 0)
    })
  })
}

/** A program of this project's packages. */
export function tool(path: string): string {
  return join(root, 'node_modules', path)
}
