import type { Conflict } from '../../deployment/conflict.ts'
import type { Page } from '../findings/page.ts'
import { itemsOf, type Tree, textOf, within } from '../tree/tree.ts'
import type { Workload } from './workloads.ts'

/** Patterns for the images of containers that an app needs during its shutdown, with the task of each. */
const proxies: readonly (readonly [image: RegExp, what: string])[] = [
  [/cloud-sql-proxy|cloudsql-docker|gce-proxy|alloydb-auth-proxy/, 'the proxy of its database'],
  [/pgbouncer|pgcat|odyssey|proxysql/, 'the pool of its database'],
  [
    /istio\/proxyv2|istio-proxy|linkerd.*\/proxy|envoyproxy|\/envoy(:|@|$)|kuma-dp|consul-dataplane/,
    'its proxy'
  ],
  [/daprd|\/dapr\b/, 'its runtime (Dapr)'],
  [/vault(-agent|-k8s)?(:|@|$)/, 'the agent that renews its secrets'],
  [
    /opentelemetry-collector|otel-collector|aws-otel|datadog.*agent|fluent-?bit|fluentd|vector(:|@)/,
    'the collector of its telemetry'
  ]
]

/** The task that a known sidecar has for the app; `undefined` for any other container. */
export function sidecarOf(container: Tree): string | undefined {
  const image = textOf(within(container, 'image')) ?? ''
  const name = textOf(within(container, 'name')) ?? ''
  if (name === 'istio-proxy' || name === 'linkerd-proxy') return 'its proxy'
  return proxies.find(([pattern]) => pattern.test(image))?.[1]
}

/**
 * Checks that no sidecar ends before the app. A sidecar gets the signal at the same time as the app, and most sidecars
 * end at once. Then the app's hooks cannot use the sidecar any more.
 */
export function checkSidecars(
  page: Page,
  subject: string,
  { pod, template }: Workload,
  others: readonly Tree[]
): void {
  for (const container of others) {
    const what = sidecarOf(container)
    if (what === undefined || waits(container)) continue
    const name = textOf(within(container, 'name')) ?? ''
    page.say(container.at, subject, [endsFirst(name, what)])
  }
  checkMesh(page, subject, pod, template)
}

/** Whether a preStop hook or a flag lets the container outlive the app. */
function waits(container: Tree): boolean {
  if (within(container, 'lifecycle', 'preStop') !== undefined) return true
  const words = [...itemsOf(within(container, 'command')), ...itemsOf(within(container, 'args'))].map(textOf)
  const flags =
    /^-{1,2}(term_timeout|max-sigterm-delay|min-sigterm-delay|drain-time|dapr-block-shutdown-duration)/
  if (words.some((word) => word !== undefined && flags.test(word))) return true
  return itemsOf(within(container, 'env')).some((variable) =>
    ['EXIT_ON_ZERO_ACTIVE_CONNECTIONS', 'CSQL_PROXY_MAX_SIGTERM_DELAY'].includes(
      textOf(within(variable, 'name')) ?? ''
    )
  )
}

function endsFirst(name: string, what: string): Conflict {
  return {
    rule: 'sidecar-ends-first',
    severity: 'warning',
    is: `The container \`${name}\`, ${what}, gets the stop signal at the same time as the app`,
    follows: 'it may end while requests in flight and hooks of the app still need it',
    write:
      'Make it a native sidecar: move it to `initContainers` with `restartPolicy: Always`, so that it ends last'
  }
}

/** Checks the proxies that a mesh injects. The file does not show them, but its annotations say how they end. */
function checkMesh(page: Page, subject: string, pod: Tree, template: Tree): void {
  const metadata = within(template, 'metadata')
  const annotations = within(metadata, 'annotations')
  const labels = within(metadata, 'labels')
  const istio = within(annotations, 'sidecar.istio.io/inject') ?? within(labels, 'sidecar.istio.io/inject')
  const native = textOf(within(annotations, 'sidecar.istio.io/nativeSidecar')) === 'true'
  const proxyConfig = textOf(within(annotations, 'proxy.istio.io/config')) ?? ''
  if (
    textOf(istio) === 'true' &&
    !native &&
    !/terminationDrainDuration|EXIT_ON_ZERO_ACTIVE/.test(proxyConfig)
  ) {
    page.say((istio as Tree).at, subject, [
      mesh('Istio', '5 s after the signal', 'Annotate the pod with `sidecar.istio.io/nativeSidecar: "true"`')
    ])
  }
  const linkerd = within(annotations, 'linkerd.io/inject')
  const keeps = [
    'config.alpha.linkerd.io/proxy-wait-before-exit-seconds',
    'config.alpha.linkerd.io/proxy-enable-native-sidecar',
    'config.beta.linkerd.io/proxy-enable-native-sidecar',
    'config.linkerd.io/proxy-enable-native-sidecar'
  ].some((key) => within(annotations, key) !== undefined)
  if (textOf(linkerd) === 'enabled' && !keeps && pod.kind === 'mapping') {
    page.say((linkerd as Tree).at, subject, [
      mesh(
        'Linkerd',
        'at the signal',
        'Annotate the pod with `config.beta.linkerd.io/proxy-enable-native-sidecar: "true"`'
      )
    ])
  }
}

function mesh(name: string, when: string, write: string): Conflict {
  return {
    rule: 'sidecar-ends-first',
    severity: 'warning',
    is: `The proxy of ${name} ends, or takes no new connections, ${when}`,
    follows: 'requests in flight and hooks then reach no database and no other service',
    write
  }
}
