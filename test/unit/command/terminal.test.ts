import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import { terminalOf } from '../../../command/terminal.ts'

class FakeOutput extends EventEmitter {
  readonly isTTY: boolean
  readonly columns: number
  written = ''

  constructor(isTTY: boolean, columns = 0) {
    super()
    this.isTTY = isTTY
    this.columns = columns
  }

  write(text: string): void {
    this.written += text
  }
}

function screen(env: Record<string, string>, isTTY: boolean, columns?: number) {
  const stdout = new FakeOutput(isTTY, columns)
  const terminal = terminalOf({ stdout, stderr: new FakeOutput(false), stdin: process.stdin, env })
  return { stdout, screen: terminal.stdout }
}

describe('a terminal', () => {
  const cases: readonly [env: Record<string, string>, isTTY: boolean, hasColours: boolean][] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false]
  ]
  for (const [env, isTTY, hasColours] of cases) {
    test(`${hasColours ? 'has' : 'has no'} colours with ${JSON.stringify(env)}${isTTY ? '' : ', as a file'}`, () => {
      const painted = screen(env, isTTY).screen.paint('red', 'x')
      assert.equal(painted, hasColours ? '\x1b[31mx\x1b[39m' : 'x')
    })
  }

  test('is as wide as it says, or 80 columns', () => {
    assert.equal(screen({}, true, 120).screen.columns, 120)
    assert.equal(screen({}, false).screen.columns, 80)
  })

  test('may be closed by its reader', () => {
    const { stdout, screen: closed } = screen({}, false)
    closed.write('a')
    assert.equal(stdout.written, 'a')
    stdout.emit('error', Object.assign(new Error(), { code: 'EPIPE' }))
    assert.throws(() => stdout.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' })), /full/)
  })
})
