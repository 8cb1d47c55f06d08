import fs from 'node:fs'
import net from 'node:net'

/** The functions of Node.js that writing to standard error needs. */
export interface StandardErrorTools {
  fstatSync(descriptor: number): Pick<fs.Stats, 'isFIFO' | 'isCharacterDevice' | 'isSocket'>
  openSync(path: string, flags: number): number
  closeSync(descriptor: number): void
  writeSync(descriptor: number, bytes: Buffer, offset: number): number
  /** From now on a write to this descriptor never blocks, even if another process has it open. */
  unblock(descriptor: number): void
  now(): number
  wait(ms: number): void
}

const { O_WRONLY, O_APPEND, O_NONBLOCK } = fs.constants

const cell = new Int32Array(new SharedArrayBuffer(4))

const theseTools: StandardErrorTools = {
  fstatSync: (descriptor) => fs.fstatSync(descriptor),
  openSync: (path, flags) => fs.openSync(path, flags),
  closeSync: (descriptor) => fs.closeSync(descriptor),
  writeSync: (descriptor, bytes, offset) => fs.writeSync(descriptor, bytes, offset),
  // If a socket is created from a descriptor, libuv makes this descriptor non-blocking.
  unblock: (descriptor) => void new net.Socket({ fd: descriptor, readable: false }).on('error', () => {}),
  now: () => performance.now(),
  wait: (ms) => void Atomics.wait(cell, 0, 0, ms)
}

/** How long to wait for the reader of a full pipe, in ms. */
const patience = 50

/** The kind of standard error. It decides whether a write can block. */
type Kind = 'pipe or terminal' | 'socket' | 'other'

/**
 * Standard error for the last line of a process. A write never blocks, and needs neither libuv's pool nor a
 * free descriptor. It disturbs no other process that writes to the same file.
 */
export class StandardError {
  readonly #tools: StandardErrorTools
  readonly #kind: Kind
  /**
   * A second descriptor of standard error. Its non-blocking mode does not apply to other descriptors of the
   * same file.
   */
  readonly #own: number | undefined

  constructor(tools: StandardErrorTools = theseTools) {
    this.#tools = tools
    this.#kind = this.#attempt(() => this.#look()) ?? 'other'
    this.#own = this.#kind === 'pipe or terminal' ? this.#attempt(() => this.#openAgain()) : undefined
  }

  /**
   * Writes the text, or as much of the text as fits within a moment. Returns `false`, and writes nothing, if a
   * write might block.
   */
  write(text: string): boolean {
    const descriptor = this.#own ?? this.#unblocked()
    if (descriptor === undefined) return false
    const bytes = Buffer.from(text)
    const end = this.#tools.now() + patience
    for (let written = 0; written < bytes.length; ) {
      try {
        written += this.#tools.writeSync(descriptor, bytes, written)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#tools.now() >= end) break
        this.#tools.wait(3)
      }
    }
    return true
  }

  close(): void {
    const own = this.#own
    if (own !== undefined) this.#attempt(() => this.#tools.closeSync(own))
  }

  #look(): Kind {
    const stats = this.#tools.fstatSync(2)
    if (stats.isFIFO() || stats.isCharacterDevice()) return 'pipe or terminal'
    return stats.isSocket() ? 'socket' : 'other'
  }

  #openAgain(): number {
    // If this file does not exist, opening it fails and creates nothing.
    return this.#tools.openSync('/proc/self/fd/2', O_WRONLY | O_APPEND | O_NONBLOCK)
  }

  /**
   * A socket cannot be opened a second time. So this makes it non-blocking for every process that has it open,
   * which is acceptable for the last line of this process.
   */
  #unblocked(): number | undefined {
    if (this.#kind === 'other') return undefined
    return this.#attempt(() => {
      this.#tools.unblock(2)
      return 2
    })
  }

  #attempt<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch {
      return undefined
    }
  }
}
