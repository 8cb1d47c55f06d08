import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { remark } from 'remark'
import { commandOf } from '../../command/run.ts'
import { command } from '../support/command.ts'
import { writtenPages } from './pages.ts'

/** A block on a page that is no code of a program: a command, an output, a configuration. */
interface Part {
  readonly page: string
  readonly language: string | null | undefined
  readonly value: string
  readonly comment: string
}

/** All of them, but for those that a sample or a file writes. */
function parts(): Part[] {
  const found: Part[] = []
  for (const { path, text } of writtenPages()) {
    let isWritten = false
    let comment = ''
    for (const node of remark().parse(text).children) {
      if (node.type === 'html') {
        comment = node.value
        if (/^<!-- (?:sample|file): /.test(comment)) isWritten = true
        if (/^<!-- \/(?:sample|file) -->/.test(comment)) isWritten = false
      } else if (node.type === 'code' && !isWritten) {
        found.push({ page: path, language: node.lang, value: node.value, comment })
      }
      if (node.type !== 'html') comment = ''
    }
  }
  return found
}

describe('what stands in a block and is no program', () => {
  test('is an output only where a program has written it, or a drawing that says so', () => {
    const outputs = parts().filter(({ language }) => !language || /^(?:text|txt|console|log)$/.test(language))
    for (const { page, comment, value } of outputs)
      assert.equal(comment, '<!-- a drawing -->', `${page}: ${value}`)
  })

  test('is a command that is understood, where it is one of ours', async () => {
    const commands = parts()
      .filter(({ language }) => language === 'sh')
      .flatMap(({ value }) => [...value.matchAll(/^(?:.*\| )?npx fastify-lifecycle ([^>\n]*)/gm)])
    assert.ok(commands.length >= 4, `${commands.length}`)
    for (const [line, words] of commands) await understand((words as string).trim().split(/ +/), line)
  })
})

/** Reads the command line, and does nothing. */
async function understand([word = '', ...flags]: readonly string[], line: string): Promise<void> {
  if (word.startsWith('-') || flags.includes('--help'))
    return assert.equal((await command([word, ...flags])).exitCode, 0, line)
  const { read } = await commandOf(word)
  assert.doesNotThrow(() => read(flags), line)
}
