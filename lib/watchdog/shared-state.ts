/** The times that both threads go by, in ms on the main thread's monotonic clock; 0 is none. */
export type SharedTime = 'beat' | 'deadline' | 'margin' | 'stall'

/**
 * What the main thread and the watchdog's thread share: a few cells, and the facts for the last
 * line. Nothing else passes between them, because a blocked thread receives no messages.
 *
 * Runs in both threads: see `source.ts` for what that forbids.
 */
export class SharedState {
  readonly buffer: SharedArrayBuffer
  /** In this order: what is waited on, whether it is called off, the facts' version, their length. */
  readonly cells: Int32Array<SharedArrayBuffer>
  readonly times: BigInt64Array<SharedArrayBuffer>
  readonly bytes: Buffer<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(64 + 65_536)) {
    this.buffer = buffer
    this.cells = new Int32Array(buffer, 0, 4)
    this.times = new BigInt64Array(buffer, 16, 4)
    this.bytes = Buffer.from(buffer, 64)
  }

  time(name: SharedTime): number {
    return Number(Atomics.load(this.times, this.indexOf(name)))
  }

  setTime(name: SharedTime, ms: number): void {
    Atomics.store(this.times, this.indexOf(name), BigInt(Math.round(ms)))
  }

  get isOff(): boolean {
    return Atomics.load(this.cells, 1) === 1
  }

  callOff(): void {
    Atomics.store(this.cells, 1, 1)
    this.wake()
  }

  /** What the thread waits on: it changes whenever the thread has something to look at. */
  get generation(): number {
    return Atomics.load(this.cells, 0)
  }

  wake(): void {
    Atomics.add(this.cells, 0, 1)
    Atomics.notify(this.cells, 0)
  }

  /** Whether the text had room. */
  writeFacts(text: string): boolean {
    const length = Buffer.byteLength(text)
    if (length > this.bytes.length) return false
    // Odd while it is being written, so that a reader never takes half of it for the whole.
    Atomics.add(this.cells, 2, 1)
    this.bytes.write(text)
    Atomics.store(this.cells, 3, length)
    Atomics.add(this.cells, 2, 1)
    return true
  }

  /** The facts as they were last written; none where they are being written all the time. */
  readFacts(): string | undefined {
    for (let attempt = 0; attempt < 100; attempt++) {
      const version = Atomics.load(this.cells, 2)
      const text = this.bytes.toString('utf8', 0, Atomics.load(this.cells, 3))
      if (version % 2 === 0 && version === Atomics.load(this.cells, 2)) return text
    }
    return undefined
  }

  private indexOf(name: SharedTime): number {
    return ['beat', 'deadline', 'margin', 'stall'].indexOf(name)
  }
}
