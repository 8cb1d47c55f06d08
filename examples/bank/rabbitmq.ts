import amqp, { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib'
import type { FastifyInstance } from 'fastify'
import type { Delivery, Queue } from './queue.ts'

/** So many jobs at most are delivered to this process and not done. */
const prefetch = 20

export async function connectRabbitMQ(app: FastifyInstance, url: string, name: string): Promise<Queue> {
  const connection = await amqp.connect(url, { timeout: 2_000 })
  const outgoing = await connection.createConfirmChannel()
  const incoming = await connection.createChannel()
  await outgoing.assertQueue(name, { durable: true })
  await incoming.prefetch(prefetch)
  return new RabbitMQ(app, name, connection, outgoing, incoming)
}

class RabbitMQ implements Queue {
  readonly isTaking = true
  readonly #name: string
  readonly #connection: ChannelModel
  /** Two channels, because a channel dies of its first mistake: publishing outlives the consumer's. */
  readonly #outgoing: ConfirmChannel
  readonly #incoming: Channel
  #consumerTag: string | undefined
  #isOpen = true

  constructor(
    app: FastifyInstance,
    name: string,
    connection: ChannelModel,
    outgoing: ConfirmChannel,
    incoming: Channel
  ) {
    this.#name = name
    this.#connection = connection
    this.#outgoing = outgoing
    this.#incoming = incoming
    // Whoever has started this process starts it again, and it connects anew: that is simpler than to
    // mend everything that hung on the connection, and it is tried with every deployment.
    connection.on('error', (error) => app.log.error(error, 'the connection to RabbitMQ broke'))
    connection.on('close', () => {
      const wasExpected = !this.#isOpen
      this.#isOpen = false
      if (!wasExpected) app.lifecycle.shutdown('the connection to RabbitMQ is gone')
    })
  }

  async publish(transfers: readonly string[]): Promise<void> {
    for (const transfer of transfers) {
      this.#outgoing.sendToQueue(this.#name, Buffer.from(transfer), { persistent: true })
    }
    await this.#outgoing.waitForConfirms()
  }

  async consume(work: (delivery: Delivery) => Promise<void>): Promise<void> {
    const { consumerTag } = await this.#incoming.consume(this.#name, (message) => {
      if (message !== null) void this.#deliver(message, work)
    })
    this.#consumerTag = consumerTag
  }

  /** The broker says when it has heard: what it delivered before has arrived before. */
  async stopConsuming(): Promise<void> {
    if (this.#consumerTag !== undefined) await this.#incoming.cancel(this.#consumerTag)
  }

  async check(): Promise<void> {
    if (!this.#isOpen) throw new Error('the connection to RabbitMQ is closed')
  }

  /** Acknowledgements are not answered; but channels are closed in turn, so they are heard before. */
  async close(): Promise<void> {
    this.#isOpen = false
    await this.#incoming.close()
    await this.#outgoing.close()
    await this.#connection.close()
  }

  async #deliver(message: ConsumeMessage, work: (delivery: Delivery) => Promise<void>): Promise<void> {
    const delivery = { transfer: message.content.toString(), isAgain: message.fields.redelivered }
    const isDone = await work(delivery).then(
      () => true,
      () => false
    )
    // With the connection gone the broker delivers it again anyway.
    if (!this.#isOpen) return
    if (isDone) this.#incoming.ack(message)
    else this.#incoming.nack(message)
  }
}
