import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { method } from './method.ts'

/** What is measured, in a process of its own, which answers one question at a time. */
export class Child {
  readonly #process: ChildProcess

  constructor(script: string, ...options: string[]) {
    const path = fileURLToPath(new URL(`./processes/${script}.js`, import.meta.url))
    this.#process = fork(path, options, { execArgv: [...method.nodeOptions] })
    this.#process.once('exit', (code, signal) => {
      if (code !== 0)
        throw new Error(`the process '${[script, ...options].join(' ')}' ended with ${code ?? signal}`)
    })
  }

  async ask<Answer>(question: string, details?: unknown): Promise<Answer> {
    this.#process.send({ question, details })
    const [answer] = await once(this.#process, 'message')
    return answer as Answer
  }

  stop(): void {
    this.#process.disconnect()
  }
}

/** The other side: the child's answer to each question, until the parent is gone. */
export function answerWith(answers: Readonly<Record<string, (details: never) => unknown>>): void {
  process.on('message', async ({ question, details }: { question: string; details: never }) => {
    process.send?.(await answers[question]?.(details))
  })
  process.once('disconnect', () => process.exit())
}

/** The CPU time that this process has used so far, all threads together, in microseconds. */
export function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
