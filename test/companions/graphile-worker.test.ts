import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { load, missing, withPackages } from '../support/companions.ts'

interface WorkerUtils {
  migrate(): Promise<void>
  addJob(task: string, payload: object): Promise<unknown>
  release(): Promise<void>
}

const url = process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres'

async function wherePostgresIs(): Promise<{ readonly skip?: string }> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.end()
    return await withPackages('graphile-worker')
  } catch (error) {
    return missing('there is no PostgreSQL to be used here; DATABASE_URL names another one', error)
  }
}

interface Jobs {
  readonly schema: string
  add(id: string): Promise<unknown>
  /** Of the jobs that are not done: how many some worker has taken. */
  left(): Promise<{ waiting: number; locked: number }>
}

/** Jobs in a schema of their own, which is gone when the test is over. */
async function newJobs(t: TestContext): Promise<Jobs> {
  const { makeWorkerUtils } = await load<{ makeWorkerUtils: (options: object) => Promise<WorkerUtils> }>(
    'graphile-worker'
  )
  const schema = `jobs_${randomBytes(6).toString('hex')}`
  const pool = new pg.Pool({ connectionString: url })
  const utils = await makeWorkerUtils({ pgPool: pool, schema })
  cleanup(t, async () => {
    await utils.release()
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  })
  await utils.migrate()
  return {
    schema,
    add: (id) => utils.addJob('charge', { id }),
    async left() {
      const { rows } = await pool.query(
        `SELECT count(*) FILTER (WHERE locked_at IS NULL)::int AS waiting,
                count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS locked
         FROM ${schema}._private_jobs`
      )
      return rows[0]
    }
  }
}

/** An app whose worker has begun two jobs, which are all that it can do at a time, while a third one waits. */
async function withTwoOfThreeBegun(t: TestContext, jobs: Jobs, handlesSignals: boolean): Promise<AppProcess> {
  for (const id of ['one', 'two', 'three']) await jobs.add(id)
  const hooks = [{ name: 'last', does: 'hold' }] as const
  const setup = { url, schema: jobs.schema, handlesSignals, hooks }
  const app = await startApp(t, setup, { fixture: 'companions/graphile-worker' })
  await app.message({ begun: 'one' })
  await app.message({ begun: 'two' })
  return app
}

async function endsItsJobsOnly(app: AppProcess, jobs: Jobs): Promise<void> {
  const { code, signal } = await app.exited
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, app.stdout)
  assert.equal(app.report.outcome, 'clean')
  assert.deepEqual(await jobs.left(), { waiting: 1, locked: 0 })
}

describe('a worker of Graphile Worker', await wherePostgresIs(), () => {
  for (const handlesSignals of [false, true]) {
    const how = handlesSignals ? 'that stops at the signal by itself, and repeats it,' : 'that the app stops'
    test(`${how} ends the jobs under way, and leaves the next one to others`, async (t) => {
      const jobs = await newJobs(t)
      const app = await withTwoOfThreeBegun(t, jobs, handlesSignals)
      app.kill('SIGTERM')
      await app.phase('draining')
      app.tell('finish one')
      app.tell('finish two')
      await app.message({ hook: 'last' })
      if (handlesSignals) await app.message({ heard: 'SIGTERM' }, 2)
      app.tell('release last')
      await endsItsJobsOnly(app, jobs)
    })
  }
})
