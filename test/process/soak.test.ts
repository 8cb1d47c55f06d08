import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SoakRun, soakRun } from '../soak/soak.ts'

/** A run in which the clients did what they are there for; on a busy machine they may be stopped. */
async function wholeRun(seed: number, tries = 5): Promise<SoakRun> {
  const run = await soakRun(seed)
  return run.stalled && run.lost.length > 0 && tries > 1 ? wholeRun(seed, tries - 1) : run
}

test('twenty clients lose no request in twenty shutdowns at twenty moments', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { lost, exitCode, rejected } = await wholeRun(seed)
    assert.deepEqual({ seed, lost, exitCode }, { seed, lost: [], exitCode: 0 })
    assert.ok(rejected > 0)
  }
})
