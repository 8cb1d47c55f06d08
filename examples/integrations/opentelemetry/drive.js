import { fiveInFlight, startCollector } from '../shared/collector.js'

const collector = await startCollector()

export async function prepare() {
  collector.text = ''
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  return { env: { ...env, OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' } }
}

export async function drive(driven) {
  await fiveInFlight(driven)
  return { lost: 5 - (collector.text.split('"name":"slow"').length - 1), of: 5 }
}
