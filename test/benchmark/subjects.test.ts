import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { reference } from '../../benchmark/nodes.ts'
import { scenarios } from '../../benchmark/scenarios/all.ts'
import { tasks } from '../../benchmark/scenarios/tasks.ts'
import { subjects } from '../../benchmark/subjects.ts'

const benchmark = new URL('../../../benchmark/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, benchmark), 'utf8')

describe('what is compared', () => {
  test('is set up in a file of its name, and nothing else is', () => {
    const names = [...subjects.map(({ name }) => `${name}.js`), 'none.js']
    assert.deepEqual(readdirSync(new URL('subjects/attach', benchmark)).sort(), names.sort())
  })

  test('is installed in exactly one version, from wherever the user has his registry', () => {
    const { dependencies } = JSON.parse(read('package.json'))
    for (const { package: name } of subjects) {
      if (name !== null) assert.match(dependencies[name], /^(\d+\.\d+\.\d+|file:\.\.)$/, name)
    }
    assert.doesNotMatch(read('package-lock.json'), /"resolved": "http/)
  })

  test('goes through every scenario as often as the others, in an order of chance', () => {
    const planned = tasks(3, []).filter(({ node }) => node === reference)
    const key = ({ scenario, subject }: (typeof planned)[number]) => `${scenario.name} ${subject.name}`
    const counts = new Map<string, number>()
    for (const task of planned) counts.set(key(task), (counts.get(key(task)) ?? 0) + 1)
    assert.equal(counts.size, scenarios.length * subjects.length)
    assert.ok([...counts.values()].every((count) => count === 3))
    assert.notDeepEqual(tasks(1, [], false).map(key), tasks(1, [], false).map(key))
  })

  test('is narrowed to what is named, and says what could have been', () => {
    const planned = tasks(1, ['silent', 'idle', 'terminus'], false)
    assert.deepEqual(planned.map(({ scenario }) => scenario.name).sort(), ['idle', 'silent'])
    assert.ok(planned.every(({ subject }) => subject.name === 'terminus'))
    assert.throws(() => tasks(1, ['quiet']), /unknown: quiet. Known are keep-alive, /)
  })
})
