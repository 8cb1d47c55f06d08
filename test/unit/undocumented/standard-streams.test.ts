import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standardStreams } from '../../../lib/undocumented/standard-streams.ts'
import { runToEnd } from '../../support/children.ts'

test('the standard streams are those that Node.js counts among what keeps a process alive', async () => {
  const module = new URL('../../../lib/undocumented/standard-streams.js', import.meta.url)
  const program = `
    const { standardStreams } = await import('${module}')
    process.stdin.resume()
    process.stdout.write('')
    const alive = process.getActiveResourcesInfo().filter((type) => type === 'PipeWrap')
    console.log(JSON.stringify([alive, standardStreams()]))
    process.exit()
  `
  const { stdout } = await runToEnd(process.execPath, ['--input-type=module', '-e', program])
  const [alive, standard] = JSON.parse(stdout)
  assert.deepEqual(standard, alive)
  assert.ok(standard.length >= 1)
})

test('a terminal has a name of its own, and other files are none', () => {
  const handles = [{ fd: 1, isTTY: true }, { fd: 2 }, { fd: 20 }, {}]
  assert.deepEqual(standardStreams({ _getActiveHandles: () => handles }), ['TTYWrap', 'PipeWrap'])
})

test('where Node.js does not tell, there are none', () => {
  assert.deepEqual(standardStreams({}), [])
})
