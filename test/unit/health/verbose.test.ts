import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../../../lib/health/health.ts'
import { plain } from '../../../lib/health/question.ts'
import { verboseText } from '../../../lib/health/verbose.ts'

const answer = (status: number, body: object) => ({ status, body }) as Answer

test('a line for each check, hold and the phase, and what they come to', () => {
  const text = verboseText(
    { ...plain('ready'), excluded: new Set(['cache', 'queue']) },
    answer(503, {
      phase: 'starting',
      holds: ['warm-up'],
      checks: {
        db: { state: 'failing', critical: true, error: 'no route to host' },
        secret: { state: 'failing', critical: true },
        mail: { state: 'failing', critical: false, error: 'late' },
        disk: { state: 'passing', critical: true },
        cache: { state: 'passing', critical: true },
        queue: { state: 'failing', critical: true, error: 'full' }
      }
    })
  )
  assert.deepEqual(text.split('\n'), [
    '[-]phase starting',
    '[-]hold warm-up',
    '[-]db failed: no route to host',
    '[-]secret failed: reason withheld',
    '[-]mail failed: late (not critical)',
    '[+]disk ok',
    '[+]cache excluded: ok',
    '[+]queue excluded: failed',
    'ready check failed',
    ''
  ])
})

test('liveness has no phase, and nothing to list is one line', () => {
  assert.equal(verboseText(plain('live'), answer(200, { phase: 'ready' })), 'live check passed\n')
  assert.equal(
    verboseText(plain('ready'), answer(200, { phase: 'ready' })),
    '[+]phase ready\nready check passed\n'
  )
})
