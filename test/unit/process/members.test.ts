import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Members } from '../../../lib/process/members.ts'

const make = (count: number) => Array.from({ length: count }, (_, number) => ({ number }))

test('all members are there, the oldest first, as long as somebody else holds them', () => {
  const members = new Members<{ readonly number: number }>()
  const all = make(120)
  for (const member of all) members.add(member)
  assert.deepEqual([...members], all)
  assert.equal(members.size, 120)
  const [oldest, newest] = [all[0], all[119]] as [{ number: number }, { number: number }]
  members.delete(oldest)
  members.delete(newest)
  members.delete(newest)
  assert.deepEqual([members.has(oldest), members.has(newest), members.size], [false, false, 118])
  assert.deepEqual([...members], all.slice(1, -1))
})

test('of members that are gone nothing is left', (t) => {
  const real = globalThis.WeakRef
  let isCollected = false
  t.after(() => {
    globalThis.WeakRef = real
  })
  // A collector that comes when the test says so.
  globalThis.WeakRef = class<T extends object> {
    readonly #target: T
    constructor(target: T) {
      this.#target = target
    }
    deref(): T | undefined {
      return isCollected ? undefined : this.#target
    }
  } as unknown as WeakRefConstructor
  const members = new Members<{ readonly number: number }>()
  const all = make(60)
  for (const member of all) members.add(member)
  isCollected = true
  assert.deepEqual([...members], all.slice(-50))
  members.add({ number: 60 })
  assert.equal(members.size, 50)
  members.delete({ number: 61 })
  assert.equal(members.size, 50)
})

test('apps that are never closed are not held for ever', () => {
  const fixture = fileURLToPath(new URL('../../fixtures/never-closed.js', import.meta.url))
  const output = execFileSync(process.execPath, ['--expose-gc', fixture], { encoding: 'utf8' })
  const { made, listening, left } = JSON.parse(output) as Record<string, number>
  assert.deepEqual([made, listening], [200, 2])
  assert.ok(Number(left) <= 52, `${left} are left`)
})
