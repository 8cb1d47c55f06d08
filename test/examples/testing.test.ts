import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const examples = join(root, 'dist/examples/testing')
const require = createRequire(import.meta.url)

/** The program that a package is started with. */
function bin(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path)
}

const runners = {
  'node:test': ['--test', join(examples, 'node-test/orders.test.js')],
  'Vitest, in processes': [bin('vitest', 'vitest.mjs'), 'run', '--root', join(examples, 'vitest')],
  'Vitest, in threads': [
    ...[bin('vitest', 'vitest.mjs'), 'run', '--root', join(examples, 'vitest')],
    ...['--pool', 'threads']
  ],
  'Jest, with modules': [
    '--experimental-vm-modules',
    ...[bin('jest', 'bin/jest.js'), '--rootDir', join(examples, 'jest')]
  ],
  'Jest, with CommonJS': [
    bin('jest', 'bin/jest.js'),
    ...['--rootDir', join(root, 'examples/testing/jest-commonjs')]
  ]
}

/** Runs it as a user does, who is not inside another test. */
async function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, NO_COLOR: '1' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code], ...output] = await Promise.all([
    once(child, 'close') as Promise<[number]>,
    text(child.stdout),
    text(child.stderr)
  ])
  return { code, output: output.join('') }
}

describe('the examples of the test kit', { concurrency: 2 }, () => {
  for (const [name, args] of Object.entries(runners)) {
    test(`pass under ${name}, which ends by itself and well`, async () => {
      const { code, output } = await run(args)
      assert.equal(code, 0, output)
      assert.match(output, /pass 6|4 passed|3 passed|1 passed/)
    })
  }
})
