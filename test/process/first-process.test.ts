import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../support/children.ts'
import { whereContainers } from '../support/container.ts'

const namespace = ['--pid', '--fork', '--mount-proc', '--kill-child']

test(
  'the first process of a container, which no signal from inside can kill, is gone at its deadline as well',
  whereContainers(),
  async () => {
    const fixture = fileURLToPath(new URL('../fixtures/first-process.js', import.meta.url))
    const { code, stderr } = await runToEnd('unshare', [...namespace, process.execPath, fixture])
    const line = JSON.parse(stderr.split('\n').find((text) => text.startsWith('{')) as string)
    assert.deepEqual([line.code, line.pid], ['LIFECYCLE_HARD_KILL', 1])
    assert.notEqual(code, 0)
  }
)
