import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { whereContainers } from '../support/container.ts'

const namespace = ['--pid', '--fork', '--mount-proc']

test(
  'the first process of a container, which no signal from inside can kill, is gone at its deadline as well',
  whereContainers(),
  () => {
    const fixture = fileURLToPath(new URL('../fixtures/first-process.js', import.meta.url))
    const begin = performance.now()
    const { status, signal, stderr } = spawnSync('unshare', [...namespace, process.execPath, fixture], {
      encoding: 'utf8',
      timeout: 20_000
    })
    const line = JSON.parse(stderr.split('\n').find((text) => text.startsWith('{')) as string)
    assert.deepEqual([line.code, line.pid], ['LIFECYCLE_HARD_KILL', 1])
    assert.ok(signal !== 'SIGTERM', 'it was still alive after 20 s')
    assert.notEqual(status, 0)
    assert.ok(performance.now() - begin < 15_000)
  }
)
