import { createClient } from 'redis'
import { fiveAnswers } from '../shared/requests.js'

export async function drive(driven) {
  const seen = await fiveAnswers(driven)
  const redis = createClient({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' })
  await redis.connect()
  await redis.del(driven.name)
  await redis.close()
  return seen
}
