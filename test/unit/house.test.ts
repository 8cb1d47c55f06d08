import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cleanup } from '../support/cleanup.ts'

const script = fileURLToPath(new URL('../../../scripts/house.mjs', import.meta.url))

function look(...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], (_error, output) =>
      resolve({ code: child.exitCode, output })
    )
  })
}

async function checkout(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'house-'))
  cleanup(t, () => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

test('no file of lib/ imports from a room behind its own, and none is in a circle', async () => {
  const { code, output } = await look()
  assert.match(output, /^No circle, and each room imports only from rooms before it\.$/m)
  assert.equal(code, 0)
})

test('a circle is found, also where only types are imported', async (t) => {
  const directory = await checkout(t, {
    'lib/time/one.ts': "import type { Two } from './two.ts'\n",
    'lib/time/two.ts': "export type { One } from './one.ts'\n"
  })
  const { code, output } = await look(directory)
  assert.match(output, /2 files in a circle: lib\/time\/one\.ts, lib\/time\/two\.ts/)
  assert.equal(code, 1)
})

test('an import from a room behind is found, from outside lib/, and a file that stands in no room', async (t) => {
  const directory = await checkout(t, {
    'lib/time/clock.ts': "import { Life } from '../app/life.ts'\nimport { x } from '../../report/x.ts'\n",
    'lib/app/life.ts': "import { now } from '../time/clock.ts'\n",
    'lib/somewhere.ts': ''
  })
  const { code, output } = await look(directory)
  assert.match(output, /lib\/time\/clock\.ts imports lib\/app\/life\.ts, which stands behind it/)
  assert.match(output, /lib\/time\/clock\.ts imports report\/x\.ts/)
  assert.match(output, /lib\/somewhere\.ts stands in no room/)
  assert.equal(code, 1)
})
