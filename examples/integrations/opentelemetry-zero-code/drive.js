import { fiveInFlight, startCollector } from '../shared/collector.js'

const collector = await startCollector()

export async function prepare() {
  collector.text = ''
  const register = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register')
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  const none = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }
  return { env: { ...env, ...none, NODE_OPTIONS: `--import=${register}` } }
}

export async function drive(driven) {
  await fiveInFlight(driven)
  return { lost: 5 - (collector.text.split('"stringValue":"/slow"').length - 1), of: 5 }
}
