/** How many apps are held strongly, even if nothing else holds them. */
const mostHeld = 50

/**
 * The apps of a process. The newest are always held, because their hooks must run. An older app is held only as
 * long as something else holds it, for example its listening server. A suite of tests may make thousands of
 * apps and never close one.
 */
export class Members<Member extends object> implements Iterable<Member> {
  readonly #held = new Set<Member>()
  readonly #older = new Set<WeakRef<Member>>()

  add(member: Member): void {
    this.#held.add(member)
    const [oldest] = this.#held
    if (this.#held.size <= mostHeld || oldest === undefined) return
    this.#held.delete(oldest)
    this.#forgetAllThat((older) => older === undefined)
    this.#older.add(new WeakRef(oldest))
  }

  delete(member: Member): void {
    if (!this.#held.delete(member)) this.#forgetAllThat((older) => older === undefined || older === member)
  }

  has(member: Member): boolean {
    return [...this].includes(member)
  }

  get size(): number {
    return [...this].length
  }

  *[Symbol.iterator](): Iterator<Member> {
    for (const older of this.#older) {
      const member = older.deref()
      if (member !== undefined) yield member
    }
    yield* this.#held
  }

  #forgetAllThat(isGone: (older: Member | undefined) => boolean): void {
    for (const older of this.#older) {
      if (isGone(older.deref())) this.#older.delete(older)
    }
  }
}
