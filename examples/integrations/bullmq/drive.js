import { Queue } from 'bullmq'

const connection = { url: process.env.REDIS_URL ?? 'redis://localhost:6379' }

/** A job that is still active when its worker has gone was cut, and runs again. */
export async function drive({ app, shutDown, name }) {
  const queue = new Queue(name, { connection })
  await queue.addBulk(Array.from({ length: 10 }, (_, id) => ({ name: 'charge', data: { id } })))
  await app.wrote(' begins', 5)
  await shutDown()
  const lost = await queue.getActiveCount()
  await queue.obliterate({ force: true })
  await queue.close()
  return { lost, of: 5 }
}
