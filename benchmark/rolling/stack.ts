import type { Owner } from '../../test/support/proxy.ts'

/** What a cell has started, ended in the opposite order. */
export class Stack implements Owner {
  readonly #ends: (() => unknown)[] = []

  after(end: () => unknown): void {
    this.#ends.push(end)
  }

  async unwind(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
  }
}
