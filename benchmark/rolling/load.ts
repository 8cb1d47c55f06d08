import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Owner } from '../../test/support/proxy.ts'
import type { Protocol } from './cells.ts'
import type { Tally } from './tally.ts'

export interface LoadSetup {
  readonly port: number
  readonly protocol: Protocol
  readonly connections: number
}

export interface LoadCommand {
  readonly command: 'capacity' | 'begin' | 'restarting' | 'end'
  readonly argument: number
}

/** Clients in a process of their own: GET and POST in turn. */
export class Load {
  readonly #process: ChildProcess

  constructor(owner: Owner, setup: LoadSetup) {
    const path = fileURLToPath(new URL('./load-process.js', import.meta.url))
    this.#process = fork(path, [JSON.stringify(setup)])
    owner.after(() => this.#process.kill('SIGKILL'))
  }

  /** What everything together can answer, in requests per second. */
  capacity(time: number): Promise<number> {
    return this.#ask('capacity', time)
  }

  /** From now on so many requests per second. */
  begin(rate: number): Promise<null> {
    return this.#ask('begin', rate)
  }

  /** Whether what is due from now on is due during a restart. */
  restarting(isRestarting: boolean): Promise<null> {
    return this.#ask('restarting', isRestarting ? 1 : 0)
  }

  /** Resolves when the last request is answered, or given up. */
  end(): Promise<Tally> {
    return this.#ask('end', 0)
  }

  async #ask<Answer>(command: LoadCommand['command'], argument: number): Promise<Answer> {
    this.#process.send({ command, argument } satisfies LoadCommand)
    const [{ answer }] = await once(this.#process, 'message')
    return answer as Answer
  }
}
