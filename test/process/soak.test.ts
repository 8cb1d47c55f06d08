import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soakRun } from '../soak/soak.ts'

test('twenty clients lose no request in twenty shutdowns at twenty moments', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { lost, exitCode, rejected } = await soakRun(seed)
    assert.deepEqual({ seed, lost, exitCode }, { seed, lost: [], exitCode: 0 })
    assert.ok(rejected > 0)
  }
})
