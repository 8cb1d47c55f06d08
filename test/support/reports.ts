import type { HookReport, Report } from '../../index.ts'
import { summaryOf, type Unsummarized } from '../../lib/report/summary.ts'

// Reports that are drawn by several tests.

/** A hook that waited for nothing. */
export const free: Pick<HookReport, 'waitedFor' | 'despite'> = { waitedFor: [], despite: [] }

/** A report with the sentence that belongs to it. */
export function summarized(report: Unsummarized): Report {
  return { ...report, summary: summaryOf(report) }
}

const lost = { name: 'Error', message: 'the broker is gone' }

export const clean: Report = summarized({
  version: 1,
  outcome: 'clean',
  exitCode: 0,
  reason: { type: 'signal', signal: 'SIGTERM' },
  startedAt: '2026-01-01T00:00:00.000Z',
  duration: 2_731.4,
  deadline: 10_000,
  budgetUsed: 0.273,
  phases: [
    { phase: 'lameDuck', at: 0.2, duration: 2_003 },
    { phase: 'draining', at: 2_003.2, duration: 502 },
    { phase: 'closing', at: 2_505.2, duration: 226 },
    { phase: 'closed', at: 2_731.2, duration: 0.2 }
  ],
  lameDuck: { ended: 'window', saved: 0 },
  requests: {
    inFlight: 31,
    completed: 2_120,
    rejected: 431,
    aborted: 0,
    cut: [],
    cutCount: 0,
    left: [],
    leftCount: 0
  },
  work: { inFlight: 0, completed: 0, failed: 0, refused: 0, cut: [], cutCount: 0 },
  connections: { http1: 50, http2: 0, websocket: 0, upgraded: 0 },
  hooks: [
    { name: 'queue consumer', phase: 'lameDuck', outcome: 'ok', at: 0.4, duration: 801, ...free },
    { name: 'outbox', phase: 'draining', outcome: 'ok', at: 2_003.5, duration: 480, ...free },
    { name: 'metrics', phase: 'closing', outcome: 'ok', at: 2_570, duration: 0.4, ...free },
    { name: 'db', phase: 'closing', outcome: 'ok', at: 2_571, duration: 151, ...free }
  ],
  crashes: [],
  crashCount: 0
})

export const failed: Report = summarized({
  ...clean,
  outcome: 'failed',
  exitCode: 1,
  requests: {
    ...clean.requests,
    aborted: 2,
    cutCount: 2,
    cut: [
      { id: 'req-3', method: 'GET', route: '/hung/:id', age: 2_480 },
      { id: null, method: 'POST', route: `/${'long/'.repeat(60)}`, age: 2_400 }
    ]
  },
  hooks: [
    {
      name: 'cache',
      phase: 'draining',
      outcome: 'error',
      at: 2_004,
      duration: 3,
      ...free,
      error: { name: 'TypeError', message: 'no such thing' }
    },
    { name: 'db', phase: 'closing', outcome: 'timeout', at: 2_560, duration: 170, ...free }
  ]
})

export const atDeadline: Report = summarized({
  ...clean,
  outcome: 'deadline',
  exitCode: 1,
  duration: 10_000,
  budgetUsed: 1,
  phases: [
    { phase: 'lameDuck', at: 0, duration: 1 },
    { phase: 'draining', at: 1, duration: 1 },
    { phase: 'closing', at: 2, duration: 9_998 }
  ],
  hooks: [{ name: 'stuck', phase: 'closing', outcome: 'unfinished', at: 2, duration: 9_998, ...free }]
})

export const sixtyHooks: Report = summarized({
  ...clean,
  hooks: Array.from({ length: 60 }, (_, index): HookReport => {
    const name = `${index}: ${'hook '.repeat(index)}`
    return { name, phase: 'closing', outcome: 'ok', at: 2_505 + 3 * index, duration: 3, ...free }
  })
})

/** A graph of hooks, side by side and after one another, with all that a report can tell. */
export const graph: Report = summarized({
  ...clean,
  outcome: 'failed',
  exitCode: 1,
  connections: { http1: 0, http2: 1, websocket: 12, upgraded: 3 },
  work: {
    inFlight: 4,
    completed: 2,
    failed: 1,
    refused: 1,
    cut: [{ name: 'import', age: 2_502 }],
    cutCount: 1
  },
  alive: [
    { type: 'PipeWrap', count: 1 },
    { type: 'TCPSocketWrap', count: 3 },
    { type: 'Timeout', count: 2 }
  ],
  phases: [
    { phase: 'lameDuck', at: 0, duration: 500 },
    { phase: 'draining', at: 500, duration: 500 },
    { phase: 'closing', at: 1_000, duration: 1_731.4 }
  ],
  hooks: [
    { name: 'metrics', phase: 'closing', outcome: 'ok', at: 1_000, duration: 1_300, ...free },
    { name: 'outbox', phase: 'closing', outcome: 'error', at: 1_000, duration: 400, ...free, error: lost },
    { name: 'cache', phase: 'closing', outcome: 'ok', at: 1_000, duration: 700, ...free },
    {
      name: 'broker',
      phase: 'closing',
      outcome: 'ok',
      at: 1_400,
      duration: 300,
      waitedFor: ['outbox'],
      despite: ['outbox']
    },
    {
      name: 'db',
      phase: 'closing',
      outcome: 'ok',
      at: 1_700,
      duration: 1_000,
      waitedFor: ['outbox', 'cache'],
      despite: ['outbox']
    }
  ]
})

/** Cut off while hooks still waited for their turn. */
export const unstarted: Report = summarized({
  ...atDeadline,
  hooks: [
    ...atDeadline.hooks,
    {
      name: 'db',
      phase: 'closing',
      outcome: 'unstarted',
      at: 10_000,
      duration: 0,
      waitedFor: ['stuck'],
      despite: []
    }
  ]
})

/** Cut off before the phase of its hooks. */
export const unreached: Report = summarized({
  ...atDeadline,
  phases: [
    { phase: 'lameDuck', at: 0, duration: 1 },
    { phase: 'draining', at: 1, duration: 9_999 }
  ],
  hooks: [
    { name: 'metrics', phase: 'closing', outcome: 'unstarted', at: 10_000, duration: 0, ...free },
    { name: 'db', phase: 'closing', outcome: 'unstarted', at: 10_000, duration: 0, ...free }
  ]
})

export const instant: Report = summarized({
  ...clean,
  duration: 0,
  phases: clean.phases.map(({ phase }) => ({ phase, at: 0, duration: 0 })),
  hooks: clean.hooks.map((hook) => ({ ...hook, at: 0, duration: 0 }))
})

/** All of them, by name. */
export const everyReport: Readonly<Record<string, Report>> = {
  clean,
  failed,
  atDeadline,
  sixtyHooks,
  graph,
  unstarted,
  unreached,
  instant
}
