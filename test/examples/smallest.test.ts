import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { inRoot } from '../docs/pages.ts'
import { Program } from '../support/program.ts'

describe('the smallest app', () => {
  test('is the one that README.md shows', () => {
    const readme = readFileSync(inRoot('README.md'), 'utf8')
    assert.ok(readme.includes(`\`\`\`ts\n${readFileSync(inRoot('examples/smallest/app.ts'), 'utf8')}\`\`\``))
  })

  test('serves, and ends with its hook, the report and exit code 0', async (t) => {
    // On a port that is free, for others may use 3000.
    const code = readFileSync(inRoot('build/examples/smallest/app.js'), 'utf8')
    const program = inRoot('build/examples/smallest/app-on-any-port.js')
    writeFileSync(program, code.replace('port: 3000', 'port: 0'))
    const app = new Program(t, process.execPath, [program])
    const answer = await fetch(await app.address())
    assert.deepEqual(await answer.json(), { hello: 'world' })
    app.kill()
    assert.equal((await app.exited).code, 0)
    assert.ok(app.logs.some(({ msg }) => msg === 'goodbye'))
    assert.match(String(app.logs.at(-1)?.msg), /^shutdown clean in .*; exit code 0$/)
  })
})
