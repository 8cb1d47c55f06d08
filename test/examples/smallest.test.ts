import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { inRoot } from '../docs/pages.ts'
import { ExampleProcess } from './example-process.ts'

describe('the smallest app', () => {
  test('is the one that README.md shows', () => {
    const readme = readFileSync(inRoot('README.md'), 'utf8')
    assert.ok(readme.includes(`\`\`\`ts\n${readFileSync(inRoot('examples/smallest/app.ts'), 'utf8')}\`\`\``))
  })

  test('serves, and ends with its hook, the report and exit code 0', async (t) => {
    // On a port that is free, for others may use 3000.
    const code = readFileSync(inRoot('dist/examples/smallest/app.js'), 'utf8')
    const program = inRoot('dist/examples/smallest/app-on-any-port.js')
    writeFileSync(program, code.replace('port: 3000', 'port: 0'))
    const app = new ExampleProcess(t, program)
    const answer = await fetch(await app.address())
    assert.deepEqual(await answer.json(), { hello: 'world' })
    app.kill()
    assert.equal(await app.exited, 0)
    assert.ok(app.lines.some(({ msg }) => msg === 'the last thing this app does'))
    assert.equal(app.report.outcome, 'clean')
  })
})
