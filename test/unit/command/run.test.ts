import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commands } from '../../../command/commands.ts'
import { commandOf, run } from '../../../command/run.ts'
import { type Output, terminalOf } from '../../../command/terminal.ts'
import { runToEnd } from '../../support/children.ts'
import { command } from '../../support/command.ts'

const bin = fileURLToPath(new URL('../../../command/bin.js', import.meta.url))

describe('the command', () => {
  test('is a process whose exit code is that of the command', async () => {
    const { code, stdout, stderr } = await runToEnd(process.execPath, [bin, 'deploy', '--for', 'k8s'])
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /^Option 'for' must be .* 'k8s'\.\nSee fastify-lifecycle deploy --help\n$/)
  })

  test('lists all commands when it is asked, and when it is asked for nothing', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { stdout, stderr, exitCode } = await command(args)
      assert.deepEqual([stderr, exitCode], ['', 0])
      for (const [name, { summary }] of Object.entries(commands)) {
        assert.match(stdout, new RegExp(`^  ${name} +${summary}$`, 'm'))
      }
    }
    const { stdout, stderr, exitCode } = await command([])
    assert.deepEqual([stdout, exitCode], ['', 2])
    assert.match(stderr, /^Usage: fastify-lifecycle <command>/)
  })

  test('explains each command, in lines that are not too long', async () => {
    for (const name of Object.keys(commands)) {
      const { help } = await commandOf(name)
      assert.match(help, new RegExp(`^Usage: fastify-lifecycle ${name} `))
      for (const line of help.split('\n')) assert.ok(line.length <= 110, line)
      for (const args of [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
        ['--help', name]
      ]) {
        assert.deepEqual(await command(args), { stdout: help, stderr: '', exitCode: 0 })
      }
    }
  })

  test('says which command was meant', async () => {
    const { stderr, exitCode } = await command(['depoy', '--for', 'pm2'])
    assert.equal(exitCode, 2)
    assert.equal(stderr, "Unknown command 'depoy'. Did you mean 'deploy'?\nSee fastify-lifecycle --help\n")
  })

  test('says which commands there are where none is meant', async () => {
    for (const name of ['frobnicate', '__proto__', 'constructor', 'x'.repeat(10_000)]) {
      const { stderr, exitCode } = await command([name])
      assert.equal(exitCode, 2)
      assert.match(stderr, /^Unknown command '.*'\. There are: .*deploy/)
      assert.ok(stderr.length < 500)
    }
  })

  test('does not hide a bug of its own', async () => {
    const broken: Output = {
      write() {
        throw new TypeError('a bug')
      },
      on() {}
    }
    const terminal = terminalOf({ stdout: broken, stderr: broken, stdin: process.stdin, env: {} })
    await assert.rejects(run(['deploy', '--for', 'pm2'], terminal), /a bug/)
  })
})
