import { readFile } from 'node:fs/promises'
import { type ProcessEntry, processTable } from './process-table.ts'

/** The environment variable that marks the processes of a drill. */
export const mark = 'FASTIFY_LIFECYCLE_DRILL'

/**
 * All processes that a command has started: its descendants, the processes of its process group, and the processes
 * that have inherited the mark. It remembers all processes that it has seen, because a process gets another parent
 * when its own parent ends.
 */
export class Family {
  readonly #root: number
  readonly #ownsGroup: boolean
  readonly #marking: string | undefined
  readonly #known = new Set<number>()

  constructor(root: number, { ownsGroup = false, marking }: { ownsGroup?: boolean; marking?: string } = {}) {
    this.#root = root
    this.#ownsGroup = ownsGroup
    this.#marking = marking
    this.#known.add(root)
  }

  /** The processes that run now. */
  async alive(): Promise<readonly ProcessEntry[]> {
    const table = await processTable()
    const running = new Set(table.map(({ pid }) => pid))
    for (const pid of this.#known) if (!running.has(pid)) this.#known.delete(pid)
    for (const { pid, group } of table) if (this.#ownsGroup && group === this.#root) this.#known.add(pid)
    if (this.#marking !== undefined && process.platform === 'linux') {
      const strangers = table.filter(({ pid }) => !this.#known.has(pid))
      await Promise.all(strangers.map((entry) => this.#lookAt(entry)))
    }
    // A child may come before its parent in the table, so this repeats until nothing new is found.
    for (let before = -1; before !== this.#known.size; ) {
      before = this.#known.size
      for (const { pid, parent } of table) if (this.#known.has(parent)) this.#known.add(pid)
    }
    return table.filter(({ pid }) => this.#known.has(pid))
  }

  async #lookAt({ pid }: ProcessEntry): Promise<void> {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (environment.split('\0').includes(`${mark}=${this.#marking}`)) this.#known.add(pid)
  }

  /** Kills all processes at once. */
  async kill(): Promise<void> {
    for (const { pid } of await this.alive()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // The process has already ended.
      }
    }
  }
}
