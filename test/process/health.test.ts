import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LifecycleOptions, Phase } from 'fastify-lifecycle'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'

/** What the probes must say, whatever is checked and held: phase by phase, and where they are asked. */
const table: readonly { phase: Phase; live: number; ready: 'by its checks and holds' | 503 }[] = [
  { phase: 'ready', live: 200, ready: 'by its checks and holds' },
  { phase: 'lameDuck', live: 200, ready: 503 },
  { phase: 'draining', live: 200, ready: 503 },
  { phase: 'closing', live: 200, ready: 503 }
]

type App = AppProcess & { port: number }

/** Turns the check and the hold, and waits until that is done. */
async function turn(app: App, words: readonly string[], times: Map<string, number>): Promise<void> {
  for (const word of words) {
    const nth = (times.get(word) ?? 0) + 1
    times.set(word, nth)
    app.tell(word)
    await app.message({ done: word }, nth)
  }
}

async function statuses(port: number): Promise<{ live: number; ready: number }> {
  const [live, ready] = await Promise.all([request(port, '/livez'), request(port, '/readyz')])
  return { live: live.status, ready: ready.status }
}

describe('the probes of a real process', () => {
  for (const [where, health] of [
    ['on the port of the app', {}],
    ['on a port of their own', { port: 0, host: '127.0.0.1' }]
  ] as const) {
    test(`say what the table says, ${where}`, async (t) => {
      const options: LifecycleOptions = { deadline: 60_000, hookTimeout: 50_000, health }
      const hooks = (['lameDuck', 'draining', 'closing'] as const).map((phase) => {
        return { name: phase, phase, does: 'hold' } as const
      })
      const app = await startApp(t, { options, hooks }, { fixture: 'health' })
      const own = 'port' in health
      const port = own ? Number(new URL((await app.about('probes')) as string).port) : app.port
      const times = new Map<string, number>()
      for (const { phase, live, ready } of table) {
        if (phase === 'lameDuck') app.kill('SIGTERM')
        if (phase !== 'ready') await app.message({ hook: phase })
        for (const check of ['is good', 'fails'] as const) {
          for (const hold of ['release', 'hold'] as const) {
            await turn(app, [`check ${check}`, hold], times)
            const byThem = check === 'is good' && hold === 'release' ? 200 : 503
            const expected = { live, ready: ready === 503 ? 503 : byThem }
            if (phase === 'closing' && !own) await assert.rejects(statuses(port), { code: 'ECONNREFUSED' })
            else assert.deepEqual(await statuses(port), expected, `${phase}, check ${check}, ${hold}`)
          }
        }
        await turn(app, ['check is good', 'release'], times)
        if (phase !== 'ready') app.tell(`release ${phase}`)
      }
      assert.equal((await app.exited).code, 0)
    })
  }
})
