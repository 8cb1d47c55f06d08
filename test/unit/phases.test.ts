import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Phase, PhaseMachine, transitions } from '../../lib/phases.ts'
import fc from '../support/properties.ts'

const phases = Object.keys(transitions) as Phase[]

test('only the transitions of the table are made, and each is announced once', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...phases)), (wanted) => {
      const announced: [Phase, Phase][] = []
      const machine = new PhaseMachine(({ phase }, previous) => announced.push([previous, phase]))
      for (const phase of wanted) {
        const previous = machine.current
        if (transitions[previous].includes(phase)) machine.enter(phase)
        else assert.throws(() => machine.enter(phase), /No transition/)
        assert.equal(machine.current, transitions[previous].includes(phase) ? phase : previous)
      }
      for (const [from, to] of announced) assert.ok(transitions[from].includes(to))
      assert.equal(machine.entries.length, announced.length + 1)
    })
  )
})

test('every phase leads to closed', () => {
  for (const start of phases) {
    let phase = start
    while (phase !== 'closed') phase = transitions[phase].at(-1) as Phase
  }
})
