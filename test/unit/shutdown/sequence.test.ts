import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Partners } from '../../../lib/requests/end-of-requests.ts'
import type { Shutdown } from '../../../lib/shutdown/shutdown.ts'
import type { Budget as ABudget } from '../../../lib/time/budget.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { sequence } = await time.load(() => import('../../../lib/shutdown/sequence.ts'))
const { Budget } = await import('../../../lib/time/budget.ts')

beforeEach(() => time.forget())

/** Each piece of the sequence that takes time, in the order in which they may begin. */
const pieces = [
  'the boot',
  ...['hooks of lameDuck', 'the lame duck', 'a hold on lameDuck', 'the hand-over'],
  ...['hooks of draining', 'the requests', "Fastify's preClose hooks", 'a hold on draining'],
  'the work',
  ...['the polite stop', 'the last work'],
  ...['hooks of closing', 'a hold on closing'],
  'the requests that wait for it',
  "Fastify's own close"
] as const

type Piece = (typeof pieces)[number]

/** What the traffic asks before it tells a WebSocket to close. */
const workOnASocket = () => undefined

/** Begins a sequence whose pieces take as many ms as is said, and otherwise no time. */
function begin(lasts: Partial<Record<Piece, number>> = {}) {
  const log: string[] = []
  const shares: (readonly unknown[])[] = []
  const limits: Record<string, number> = {}
  const piece = async (name: Piece) => {
    log.push(name)
    const ms = lasts[name] ?? 0
    if (ms > 0) await time.sleep(ms)
    if (ms > 0) log.push(`end of ${name}`)
  }
  const limited = (name: Piece, limit: number) => {
    limits[name] = limit
    return piece(name)
  }
  const shutdown = {
    parts: {
      app: { log: { info: ({ code }: { code: string }) => log.push(code) } },
      settings: {
        log: { level: 'info' },
        drainTimeout: 3_000,
        lameDuck: { max: lasts['the lame duck'] ?? 0, min: 0, probes: 0 }
      },
      phases: { enter: (phase: string) => log.push(phase) },
      traffic: {
        shed: () => log.push('the lame duck'),
        handOver: (limit: number) => limited('the hand-over', limit),
        connections: { http1: 1, http2: 2, websocket: 3, upgraded: 4 },
        async finish({ left }: ABudget, { workOn, onTold }: Partners) {
          assert.equal(workOn, workOnASocket)
          await Promise.all([limited('the requests', left), onTold()])
        },
        answerWaiting: (limit: number) => limited('the requests that wait for it', limit),
        stop: {
          politely: (limit: number) => limited('the polite stop', limit)
        }
      },
      work: {
        on: workOnASocket,
        finish: (budget: ABudget) => limited('the work', budget.left),
        end: (budget: ABudget) => limited('the last work', budget.left)
      }
    },
    reason: { type: 'shutdown' },
    wasServing: true,
    handsOver: lasts['the hand-over'] !== undefined,
    handedOver: undefined,
    isReplaced: false,
    budget: new Budget(60_000),
    booted: () => piece('the boot'),
    runHooks: (phase: 'lameDuck' | 'draining' | 'closing') => piece(`hooks of ${phase}`),
    runPreClose: () => piece("Fastify's preClose hooks"),
    held: (phase: 'lameDuck' | 'draining' | 'closing') => piece(`a hold on ${phase}`),
    share: (...given: unknown[]) => {
      shares.push(given)
      return given[0] === Number.POSITIVE_INFINITY ? 700 : 2_000
    },
    closeFastify: () => piece("Fastify's own close")
  }
  const over = sequence(shutdown as unknown as Shutdown)
  return { over, log, shares, limits }
}

test('the sequence has one order: a phase, all that belongs to it at once, and the next phase', async () => {
  const { over, log } = begin({ 'the lame duck': 10 })
  await time.until(over)
  assert.deepEqual(log, [
    'the boot',
    ...['lameDuck', 'hooks of lameDuck', 'the lame duck', 'a hold on lameDuck'],
    ...['draining', 'hooks of draining', 'the requests', "Fastify's preClose hooks", 'a hold on draining'],
    'the work',
    ...['the polite stop', 'the last work'],
    ...['closing', 'hooks of closing', 'a hold on closing'],
    'the requests that wait for it',
    "Fastify's own close",
    'closed'
  ])
})

test('new connections are left to others when the lame duck is over, beside the hooks of its phase', async () => {
  const { over, log, limits } = begin({
    'hooks of lameDuck': 500,
    'the lame duck': 200,
    'the hand-over': 100
  })
  await time.pass(199)
  assert.ok(!log.includes('the hand-over'))
  await time.pass(1)
  assert.ok(log.includes('the hand-over'))
  await time.pass(100)
  assert.deepEqual(log.slice(-2), ['end of the hand-over', 'LIFECYCLE_HAND_OVER'])
  await time.until(over)
  assert.equal(limits['the hand-over'], 700)
})

describe('the sequence waits for', () => {
  /** What comes right after each piece, and not before its end. */
  const next: Readonly<Record<Piece, string>> = {
    'the boot': 'lameDuck',
    'hooks of lameDuck': 'draining',
    'the lame duck': 'draining',
    'a hold on lameDuck': 'draining',
    'the hand-over': 'draining',
    'hooks of draining': 'the polite stop',
    'the requests': 'the work',
    "Fastify's preClose hooks": 'the work',
    'a hold on draining': 'the polite stop',
    'the work': 'the polite stop',
    'the polite stop': 'the last work',
    'the last work': 'closing',
    'hooks of closing': 'the requests that wait for it',
    'a hold on closing': 'the requests that wait for it',
    'the requests that wait for it': "Fastify's own close",
    "Fastify's own close": 'closed'
  }
  for (const piece of pieces) {
    test(`${piece} before ${next[piece]}`, async () => {
      const { over, log } = begin({ [piece]: 500 })
      await time.pass(499)
      assert.ok(log.includes(piece))
      assert.ok(!log.includes(next[piece]), log.join(', '))
      await time.until(over)
      assert.equal(time.now, 500)
      assert.equal(log.at(-1), 'closed')
    })
  }
})

test('all that belongs to a phase takes place at once', async () => {
  const { over } = begin({
    ...{ 'hooks of lameDuck': 100, 'the lame duck': 100, 'a hold on lameDuck': 100 },
    ...{ 'hooks of draining': 100, 'the requests': 100, "Fastify's preClose hooks": 100 },
    ...{ 'a hold on draining': 100 },
    ...{ 'hooks of closing': 100, 'a hold on closing': 100 }
  })
  await time.until(over)
  assert.equal(time.now, 300)
})

test('the drain has its share of the budget: the requests first, and the work what they leave', async () => {
  const { over, shares, limits } = begin({ 'the requests': 400 })
  await time.until(over)
  assert.deepEqual(shares, [
    [3_000, 'draining', 1],
    [Number.POSITIVE_INFINITY, 'draining'],
    [Number.POSITIVE_INFINITY, 'closing']
  ])
  assert.deepEqual(limits, {
    ...{ 'the requests': 2_000, 'the work': 1_600, 'the last work': 1_600, 'the polite stop': 700 },
    'the requests that wait for it': 700
  })
})
