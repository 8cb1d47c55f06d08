import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { WorkerLife } from '../../../platforms/cluster/worker-life.ts'

test('a worker that cannot be started has ended with code 1, and was never ready', async () => {
  cluster.setupPrimary({ cwd: '/nowhere' })
  const worker = new WorkerLife()
  assert.equal(await worker.ready, false)
  assert.equal(await worker.exited, 1)
})

test('a worker that does not say its deadline still gets orders', async () => {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('../../fixtures/cluster-worker.js', import.meta.url)),
    cwd: '.'
  })
  const life = new WorkerLife()
  const [worker] = await once(cluster, 'message')
  worker.emit('message', { 'fastify-lifecycle': 'here' })
  await new Promise((resolve) => setImmediate(resolve))
  // The worker ends with 7 at any message; SIGTERM would end it with another code.
  assert.equal(await life.dismiss('stop'), 7)
})

test('an error of a worker that runs, such as a message that it does not get, is not its end', async () => {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('../../fixtures/cluster-worker.js', import.meta.url)),
    cwd: '.'
  })
  const life = new WorkerLife()
  const [worker] = await once(cluster, 'message')
  worker.emit('error', new Error('the message could not be sent'))
  worker.send('end')
  assert.equal(await life.exited, 7)
})
