import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { killGroup, startNode } from '../support/children.ts'
import { compiled, withSignals } from '../support/program.ts'

/** Whether it runs; where nobody has asked for its exit code, a process that has ended is still there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('no process is left by a test', withSignals, () => {
  for (const way of ['that is killed', 'that exits in the middle'] as const) {
    test(way, async (t) => {
      const unfinished = startNode(compiled('test/fixtures/unfinished-test'), [], {
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc']
      })
      t.after(() => killGroup(unfinished))
      const [{ started }] = (await once(unfinished, 'message')) as [{ started: number[] }]
      assert.deepEqual(started.map(isAlive), [true, true, true])
      if (way === 'that is killed') unfinished.kill('SIGKILL')
      else unfinished.send('exit')
      await once(unfinished, 'exit')
      while (started.some(isAlive)) await sleep(10)
    })
  }
})
