import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { test } from 'node:test'
import { WorkerLife } from '../../../platforms/cluster/worker-life.ts'

test('a worker that cannot be started has ended with code 1, and was never ready', async () => {
  cluster.setupPrimary({ cwd: '/nowhere' })
  const worker = new WorkerLife()
  assert.equal(await worker.ready, false)
  assert.equal(await worker.exited, 1)
})
