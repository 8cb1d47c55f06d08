/**
 * The times that both threads use, in ms on the main thread's monotonic clock; 0 means that the time is not
 * set.
 */
export type SharedTime = 'beat' | 'deadline' | 'margin' | 'stall'

const times: readonly SharedTime[] = ['beat', 'deadline', 'margin', 'stall']

/** The cell of each number. The thread waits on `wake`; `version` and `length` belong to the facts. */
const cell = { wake: 0, off: 1, version: 2, length: 3, alive: 4, thread: 5 }

/**
 * The memory that the main thread and the watchdog's thread share: a few cells, and the facts for the last
 * line. Nothing else passes between the two threads, because a blocked thread receives no messages.
 */
export class SharedState {
  readonly buffer: SharedArrayBuffer
  readonly cells: Int32Array<SharedArrayBuffer>
  readonly times: BigInt64Array<SharedArrayBuffer>
  readonly bytes: Buffer<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(64 + 65_536)) {
    this.buffer = buffer
    this.cells = new Int32Array(buffer, 0, 6)
    this.times = new BigInt64Array(buffer, 24, times.length)
    this.bytes = Buffer.from(buffer, 64)
  }

  time(name: SharedTime): number {
    return Number(Atomics.load(this.times, times.indexOf(name)))
  }

  setTime(name: SharedTime, ms: number): void {
    Atomics.store(this.times, times.indexOf(name), BigInt(Math.round(ms)))
  }

  get isOff(): boolean {
    return Atomics.load(this.cells, cell.off) === 1
  }

  callOff(): void {
    Atomics.store(this.cells, cell.off, 1)
    this.wake()
  }

  /** Whether the watchdog's thread has reported that it watches. */
  get isAlive(): boolean {
    return Atomics.load(this.cells, cell.alive) === 1
  }

  sayAlive(isAlive = true): void {
    Atomics.store(this.cells, cell.alive, isAlive ? 1 : 0)
  }

  /** The system's number of the watchdog's thread; 0 if the thread could not find it. */
  get thread(): number {
    return Atomics.load(this.cells, cell.thread)
  }

  setThread(number: number): void {
    Atomics.store(this.cells, cell.thread, number)
  }

  /**
   * The number that the watchdog's thread waits on. It changes whenever the thread has something new to look
   * at.
   */
  get generation(): number {
    return Atomics.load(this.cells, cell.wake)
  }

  wake(): void {
    Atomics.add(this.cells, cell.wake, 1)
    Atomics.notify(this.cells, cell.wake)
  }

  /** Stores the facts for the last line. Returns `false` if the text is too long. */
  writeFacts(text: string): boolean {
    const length = Buffer.byteLength(text)
    if (length > this.bytes.length) return false
    // The version is odd while the text is being written, so that a reader never accepts half of a text.
    Atomics.add(this.cells, cell.version, 1)
    this.bytes.write(text)
    Atomics.store(this.cells, cell.length, length)
    Atomics.add(this.cells, cell.version, 1)
    return true
  }

  /** The facts as they were last written; `undefined` if they were being written at each attempt to read them. */
  readFacts(): string | undefined {
    for (let attempt = 0; attempt < 100; attempt++) {
      const version = Atomics.load(this.cells, cell.version)
      const text = this.bytes.toString('utf8', 0, Atomics.load(this.cells, cell.length))
      if (version % 2 === 0 && version === Atomics.load(this.cells, cell.version)) return text
    }
    return undefined
  }
}
