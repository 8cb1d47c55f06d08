import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime, inTime, Late } from '../support/in-time.ts'
import { Load } from '../support/load.ts'
import { compiled, Program, withSignals } from '../support/program.ts'

/** A primary with two workers that serve. */
class Cluster extends Program {
  readonly port: number
  readonly #behaviour: string

  private constructor(t: TestContext, port: number, file: string, env: NodeJS.ProcessEnv) {
    const directory = mkdtempSync(join(tmpdir(), 'cluster-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const behaviour = join(directory, 'behaviour')
    const all = { PORT: String(port), WARM: 'yes', BEHAVIOUR: behaviour, ...env }
    super(t, process.execPath, [compiled(file)], all)
    this.port = port
    this.#behaviour = behaviour
  }

  static async start(
    t: TestContext,
    { file = 'test/fixtures/platforms/cluster', options = {}, env = {} as NodeJS.ProcessEnv } = {}
  ): Promise<Cluster> {
    const given: LifecycleOptions = { deadline: aLongTime, ...options }
    const all = { LIFECYCLE_OPTIONS: JSON.stringify(given), ...env }
    const cluster = new Cluster(t, await freePort(), file, all)
    await cluster.said('Server listening', 2)
    return cluster
  }

  /** From now on, new workers do this. */
  newWorkers(behaviour: 'serve' | 'die' | 'stumble' | 'hang' | 'misuse'): void {
    writeFileSync(this.#behaviour, behaviour)
  }

  /** Sends a request that is held, and says what became of it, and which worker has it. */
  async held() {
    const answer = request(this.port, '/held').then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code
    )
    const { pid } = await this.said('arrived at /held')
    return {
      answer,
      pid: pid as number,
      /** Once that worker drains. */
      release: async () => {
        await this.logged((line) => line['pid'] === pid && line.msg.includes('draining'))
        process.kill(pid as number, 'SIGUSR2')
      }
    }
  }

  /** The workers that have listened, the oldest first. */
  get listened(): number[] {
    return this.logs.filter(({ msg }) => msg.startsWith('Server listening')).map(({ pid }) => pid as number)
  }
}

const reasons = (cluster: Cluster) => cluster.reports.map(({ reason }) => reason)

describe('a cluster', withSignals, () => {
  test('is replaced by SIGHUP under load, and no request is lost', async (t) => {
    const cluster = await Cluster.start(t)
    const load = new Load(cluster.port)
    await load.more(200)
    cluster.kill('SIGHUP')
    await cluster.wrote('all workers are replaced', 2)
    await load.more(200)
    const { answered, failures } = await load.stop()
    t.diagnostic(`${answered} answered, ${failures.length} lost`)
    assert.deepEqual(failures, [])
    assert.equal(new Set(cluster.listened).size, 4)
    const replaced = { type: 'shutdown', message: 'another worker takes over' }
    assert.deepEqual(reasons(cluster), [replaced, replaced])
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 0)
    assert.deepEqual(
      reasons(cluster).slice(2),
      Array(2).fill({ type: 'shutdown', message: 'the primary stops' })
    )
    assert.ok(cluster.reports.every(({ exitCode }) => exitCode === 0))
  })

  test('replaces a worker that is told to go, under load, and no request is lost', async (t) => {
    const cluster = await Cluster.start(t)
    const load = new Load(cluster.port)
    await load.more(200)
    // So long that its end is not that of a failed start.
    await sleep(1_200)
    process.kill(cluster.listened[0] as number, 'SIGTERM')
    await cluster.said('Server listening', 3)
    await cluster.wrote('has ended with code 0')
    assert.doesNotMatch(cluster.output, /hardly served/)
    await load.more(200)
    const { answered, failures } = await load.stop()
    t.diagnostic(`${answered} answered, ${failures.length} lost`)
    assert.deepEqual(failures, [])
    assert.deepEqual(reasons(cluster), [{ type: 'signal', signal: 'SIGTERM' }])
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 0)
  })

  test('replaces a worker that crashes, whose requests in flight are answered', async (t) => {
    const cluster = await Cluster.start(t)
    const { answer, pid, release } = await cluster.held()
    // The workers take turns: one of these is that worker.
    const hasCrashed = () =>
      cluster.logs.some((line) => line.code === 'LIFECYCLE_CRASH' && line['pid'] === pid)
    while (!hasCrashed()) {
      const asked = await request(cluster.port, '/').catch(() => undefined)
      const next = asked === undefined || JSON.parse(asked.body).pid === pid ? '/' : '/crash'
      await request(cluster.port, next).catch(() => {})
    }
    await release()
    assert.equal(await answer, 200)
    await cluster.said('Server listening', 3)
    await cluster.wrote('has ended with code 1')
    assert.equal(cluster.reports[0]?.reason.type, 'uncaughtException')
    assert.ok(cluster.listened.includes(pid))
  })

  test('ends with Ctrl-C, which all its processes get: requests in flight are answered', async (t) => {
    const cluster = await Cluster.start(t)
    const { answer, release } = await cluster.held()
    cluster.killGroup('SIGINT')
    await release()
    assert.equal(await answer, 200)
    assert.equal((await cluster.exited).code, 0)
    assert.equal(cluster.reports.length, 2)
    assert.ok(cluster.reports.every(({ outcome }) => outcome === 'clean'))
  })

  test('that loses its primary drains: requests in flight are answered', async (t) => {
    const cluster = await Cluster.start(t)
    const { answer, release } = await cluster.held()
    cluster.kill('SIGKILL')
    await release()
    assert.equal(await answer, 200)
    await cluster.exited
    assert.deepEqual(reasons(cluster), Array(2).fill({ type: 'shutdown', message: 'the primary is gone' }))
    assert.ok(cluster.reports.every(({ exitCode }) => exitCode === 0))
  })

  test('ends with the worst code: here that of a worker whose watchdog had to kill it', async (t) => {
    const cluster = await Cluster.start(t, { options: { deadline: 1_500 } })
    const blocked = request(cluster.port, '/block/60000').catch(() => {})
    await cluster.said('incoming request')
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 137)
    await blocked
    assert.match(cluster.output, /has ended with code 137/)
  })

  test('does not wait for a worker that cannot end: the primary ends it after its deadline', async (t) => {
    const cluster = await Cluster.start(t, { options: { deadline: 500 } })
    process.kill(cluster.listened[0] as number, 'SIGSTOP')
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 137)
  })

  test('takes the longest deadline that there can be', async (t) => {
    const cluster = await Cluster.start(t, { options: { deadline: 2 ** 31 - 1 } })
    const { answer, release } = await cluster.held()
    cluster.kill('SIGTERM')
    await release()
    assert.equal((await cluster.exited).code, 0)
    assert.equal(await answer, 200)
  })

  test('goes on at a second SIGTERM', async (t) => {
    const cluster = await Cluster.start(t)
    const { answer, release, pid } = await cluster.held()
    cluster.kill('SIGTERM')
    await cluster.logged((line) => line['pid'] === pid && line.msg.includes('draining'))
    await sleep(600)
    cluster.kill('SIGTERM')
    await release()
    assert.equal((await cluster.exited).code, 0)
    assert.equal(await answer, 200)
    assert.ok(cluster.reports.every(({ outcome }) => outcome === 'clean'))
  })

  test('passes on each later SIGINT, and not one that comes at once', async (t) => {
    const cluster = await Cluster.start(t)
    const { answer, pid } = await cluster.held()
    cluster.kill('SIGINT')
    cluster.kill('SIGINT')
    await cluster.logged((line) => line['pid'] === pid && line.msg.includes('draining'))
    await sleep(600)
    // The worker was told by its primary to stop, so this is the first that it hears.
    cluster.kill('SIGINT')
    await cluster.logged(({ code }) => code === 'LIFECYCLE_SIGNAL_REPEATED')
    await sleep(600)
    cluster.kill('SIGINT')
    assert.equal((await cluster.exited).code, 1)
    assert.equal(await answer, 'ECONNRESET')
    assert.equal(cluster.reports.at(-1)?.outcome, 'abandoned')
    assert.equal(cluster.output.split('SIGINT again').length, 3)
  })

  test('keeps its workers where new ones end before they are ready', async (t) => {
    const cluster = await Cluster.start(t)
    cluster.newWorkers('die')
    cluster.kill('SIGHUP')
    await cluster.wrote('ended, so the reload stops here')
    assert.equal((await request(cluster.port, '/')).status, 200)
    cluster.newWorkers('serve')
    cluster.kill('SIGHUP')
    await cluster.wrote('all workers are replaced', 3)
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 0)
  })

  test('keeps its workers where new ones are not ready in time, and ends those, which is no failure', async (t) => {
    const begin = performance.now()
    await Cluster.start(t)
    // The first ones must be ready in this time, too: it is what others have just needed, and much more.
    const readyTimeout = Math.round(1_000 + 3 * (performance.now() - begin))
    const cluster = await Cluster.start(t, { env: { READY_TIMEOUT: String(readyTimeout) } })
    cluster.newWorkers('hang')
    cluster.kill('SIGHUP')
    await cluster.wrote(`was not ready after ${readyTimeout} ms, so the reload stops here`)
    await cluster.wrote('has ended with code 143')
    assert.equal((await request(cluster.port, '/')).status, 200)
    cluster.kill('SIGHUP')
    await cluster.wrote('SIGHUP', 2)
    await sleep(200)
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 0)
  })

  test('keeps an old worker until the new one listens, also where that has long been ready', async (t) => {
    const cluster = await Cluster.start(t, { env: { BOOTS_EARLY: 'yes' } })
    cluster.kill('SIGHUP')
    await cluster.wrote('all workers are replaced', 2)
    const events = [...cluster.output.matchAll(/it listens|takes the place of another/g)].map(String)
    const replaced = ['it listens', 'takes the place of another']
    assert.deepEqual(events.slice(2), [...replaced, ...replaced])
  })

  test('starts a worker that cannot start ever more seldom, and can be stopped meanwhile', async (t) => {
    const cluster = await Cluster.start(t)
    cluster.newWorkers('die')
    // So long that their end is not that of a failed start.
    await sleep(1_200)
    for (const pid of cluster.listened) process.kill(pid, 'SIGKILL')
    await cluster.wrote('has ended with code 3', 4)
    cluster.kill('SIGTERM')
    const { code } = await cluster.exited
    // On a busy machine the next one may have started by then, and its code counts.
    const last = cluster.output.split('SIGTERM: all workers stop')[1] ?? ''
    assert.equal(code, last.includes('has ended with code 3') ? 3 : 0)
    const pauses = [...cluster.output.matchAll(/the next one is started in (\d+) ms/g)].map(([, ms]) =>
      Number(ms)
    )
    assert.ok(pauses.length > 3)
    assert.deepEqual(
      pauses,
      pauses.map((_, count) => 100 * 2 ** count)
    )
  })

  test('starts a worker that crashes as soon as it is ready ever more seldom', (t) =>
    inTime(t, async () => {
      const cluster = await Cluster.start(t)
      cluster.newWorkers('stumble')
      for (const pid of cluster.listened) process.kill(pid, 'SIGKILL')
      const seldom = 'hardly served: the next one is started in 400 ms'
      await Promise.race([cluster.wrote(seldom), cluster.said('Server listening', 12)])
      // Who takes longer than a second to crash has served.
      if (!cluster.output.includes(seldom)) throw new Late('the crash')
      await cluster.said('Server listening', 4)
      cluster.newWorkers('serve')
      cluster.kill('SIGTERM')
      await cluster.exited
    }))

  test('can be replaced and stopped by the program itself; a worker cannot supervise', async (t) => {
    const cluster = await Cluster.start(t)
    cluster.newWorkers('misuse')
    cluster.kill('SIGUSR2')
    assert.equal((await cluster.exited).code, 0)
    assert.match(cluster.output, /stopped by hand with code 0/)
    assert.match(cluster.output, /FST_LIFECYCLE_CLUSTER_NOT_PRIMARY/)
  })

  test('of the example serves, is replaced and ends', async (t) => {
    const cluster = await Cluster.start(t, { file: 'examples/cluster/primary' })
    assert.equal((await request(cluster.port, '/')).status, 200)
    cluster.kill('SIGHUP')
    await cluster.wrote('all workers are replaced', 2)
    cluster.kill('SIGTERM')
    assert.equal((await cluster.exited).code, 0)
  })
})
