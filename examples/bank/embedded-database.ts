import { Duplex } from 'node:stream'
import { PGlite } from '@electric-sql/pglite'
import type { FastifyInstance } from 'fastify'
import type { PoolConfig } from 'pg'

// A PostgreSQL inside the process, for where there is no other. Its files outlive the process, however
// that ends; only one process at a time may use them.

/** What a pool needs to use it instead of a server. */
export async function openEmbedded(
  app: FastifyInstance,
  directory: string,
  schema: string
): Promise<PoolConfig> {
  const database = await PGlite.create(directory)
  // It has one session, whoever connects, and takes no options from a client.
  await database.exec(`SET search_path = ${schema}`)
  // Plugins close last in, first out: this one after the pool, which is registered next.
  app.addHook('onClose', () => database.close())
  return { stream: () => new Wire(database), user: 'postgres', database: 'postgres', max: 1 }
}

/** A connection without a network: both sides speak the protocol of PostgreSQL. */
class Wire extends Duplex {
  readonly #database: PGlite

  constructor(database: PGlite) {
    super()
    this.#database = database
  }

  /** What pg calls instead of connecting a socket. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  override _read(): void {}

  override _write(message: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#database.execProtocolRaw(message).then((answer) => {
      this.push(Buffer.from(answer))
      done()
    }, done)
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  // There is no socket to set up.
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}
