import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { load, missing, withPackages } from '../support/companions.ts'

interface BullQueue {
  add(name: string, data: object, options: object): Promise<{ getState(): Promise<string> }>
  getJobCounts(): Promise<Record<string, number>>
  obliterate(options: object): Promise<void>
  close(): Promise<void>
}

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

async function whereRedisIs(): Promise<{ readonly skip?: string }> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port || 6_379), hostname)
  try {
    await once(socket, 'connect')
    return await withPackages('bullmq', 'ioredis')
  } catch (error) {
    return missing('there is no Redis to be used here; REDIS_URL names another one', error)
  } finally {
    socket.destroy()
  }
}

/** A queue of its own, which is gone when the test is over. */
async function newQueue(t: TestContext): Promise<{ readonly name: string; readonly queue: BullQueue }> {
  const { Queue } = await load<{ Queue: new (name: string, options: object) => BullQueue }>('bullmq')
  const name = `jobs_${randomBytes(6).toString('hex')}`
  const queue = new Queue(name, { connection: { url } })
  cleanup(t, async () => {
    await queue.obliterate({ force: true })
    await queue.close()
  })
  return { name, queue }
}

async function endedCleanly(app: AppProcess, completed: number): Promise<void> {
  assert.equal((await app.exited).code, 0)
  const { outcome, work } = app.report
  assert.deepEqual(
    [outcome, work.completed, work.failed, work.refused, work.cutCount],
    ['clean', completed, 0, 0, 0]
  )
}

describe('a worker of BullMQ that is paused in the lame duck', await whereRedisIs(), () => {
  test('finishes the job that its last fetch delivers in the drain', async (t) => {
    const { name, queue } = await newQueue(t)
    const app = await startApp(
      t,
      { queue: name, url, hooks: [{ name: 'drain', phase: 'draining', does: 'hold' }] },
      { fixture: 'companions/bullmq' }
    )
    app.kill('SIGTERM')
    await app.message({ paused: true })
    await app.phase('draining')
    // With one attempt, a refusal would be its end.
    await queue.add('late', {}, { attempts: 1 })
    await app.message({ job: 'late', phase: 'draining' })
    app.tell('release drain')
    app.tell('finish late')
    await endedCleanly(app, 1)
    const { completed, failed, active } = await queue.getJobCounts()
    assert.deepEqual([completed, failed, active], [1, 0, 0])
  })

  test('finishes the job that is under way at the signal, and leaves the next one to others', async (t) => {
    const { name, queue } = await newQueue(t)
    const app = await startApp(t, { queue: name, url }, { fixture: 'companions/bullmq' })
    await queue.add('one', {}, { attempts: 1 })
    await app.message({ job: 'one' })
    // Both of the worker's slots are busy, so it fetches nothing.
    await queue.add('two', {}, { attempts: 1 })
    await app.message({ job: 'two' })
    app.kill('SIGTERM')
    await app.phase('draining')
    await queue.add('three', {}, { attempts: 1 })
    app.tell('finish one')
    app.tell('finish two')
    await endedCleanly(app, 2)
    const { completed, failed, active, waiting } = await queue.getJobCounts()
    assert.deepEqual([completed, failed, active, waiting], [2, 0, 0, 1])
  })
})
