import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../support/children.ts'
import { aLongTime } from '../support/in-time.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const examples = join(root, 'build/examples/testing')
const require = createRequire(import.meta.url)

/** The program that a package is started with. */
function bin(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path)
}

// Vitest and Jest give up on a test after five seconds, which a busy machine may need to load Fastify.
const patience = ['--testTimeout', String(aLongTime)]

const runners = {
  'node:test': ['--test', join(examples, 'node-test/orders.test.js')],
  'Vitest, in processes': [
    bin('vitest', 'vitest.mjs'),
    'run',
    ...patience,
    '--root',
    join(examples, 'vitest')
  ],
  'Vitest, in threads': [
    ...[bin('vitest', 'vitest.mjs'), 'run', ...patience, '--root', join(examples, 'vitest')],
    ...['--pool', 'threads']
  ],
  'Jest, with modules': [
    '--experimental-vm-modules',
    ...[bin('jest', 'bin/jest.js'), ...patience, '--rootDir', join(examples, 'jest')]
  ],
  'Jest, with CommonJS': [
    ...[bin('jest', 'bin/jest.js'), ...patience],
    ...['--rootDir', join(root, 'examples/testing/jest-commonjs')]
  ]
}

/** Runs it as a user does, who is not inside another test. */
async function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, NO_COLOR: '1' }
  const { code, stdout, stderr } = await runToEnd(process.execPath, args, { env })
  return { code, output: stdout + stderr }
}

describe('the examples of the test kit', () => {
  for (const [name, args] of Object.entries(runners)) {
    test(`pass under ${name}, which ends by itself and well`, async () => {
      const { code, output } = await run(args)
      assert.equal(code, 0, output)
      assert.match(output, /pass 6|4 passed|3 passed|1 passed/)
    })
  }
})
