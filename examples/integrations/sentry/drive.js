import { fiveInFlight, startCollector } from '../shared/collector.js'

const collector = await startCollector()

export async function prepare() {
  collector.text = ''
  return { env: { SENTRY_DSN: `${collector.url.replace('//', '//key@')}/1` } }
}

export async function drive(driven) {
  await fiveInFlight(driven)
  return { lost: 5 - (collector.text.split('"type":"Error","value":"no such order').length - 1), of: 5 }
}
