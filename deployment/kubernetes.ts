import { sentenceOf } from './conflict.ts'
import { clusterReserve, secondsFor } from './grace.ts'
import { noticingTime, type Probing, probingFor } from './probing.ts'
import {
  hooksRule,
  leftToOthers,
  propagationRule,
  readinessRule,
  settledGraceRule,
  signalRule
} from './rules.ts'
import { type Advice, probePortOf, type Site, urlOf } from './site.ts'
import { commented } from './text.ts'
import { toYaml } from './yaml.ts'

/** A probe: how the kubelet checks the app's health. */
export type KubernetesProbe = {
  readonly httpGet: { readonly path: string; readonly port: number }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

/** A whole Deployment, as `kubectl apply` takes it. */
export type KubernetesManifest = {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'Deployment'
  readonly metadata: { readonly name: string; readonly labels: Labels }
  readonly spec: {
    readonly replicas: number
    readonly strategy: {
      readonly type: 'RollingUpdate'
      readonly rollingUpdate: { readonly maxUnavailable: 0; readonly maxSurge: 1 }
    }
    readonly selector: { readonly matchLabels: Labels }
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly [Container]
      }
    }
  }
}

type Labels = { readonly 'app.kubernetes.io/name': string }

type Container = {
  readonly name: string
  readonly image: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly terminationMessagePath?: string
  readonly terminationMessagePolicy: 'FallbackToLogsOnError'
} & Probes

type Probes = {
  readonly startupProbe: KubernetesProbe | undefined
  readonly readinessProbe: KubernetesProbe | undefined
  readonly livenessProbe: KubernetesProbe | undefined
}

/** The settings for Kubernetes. */
export interface KubernetesValues extends Advice, Probes {
  /** `deadline`, and 5 s for the kubelet, in whole seconds. */
  readonly terminationGracePeriodSeconds: number
  /** How long Kubernetes takes at most to act on a failing readiness probe, in ms. */
  readonly lameDuckAtLeast: number
  /** A whole Deployment that has these values in it. */
  readonly manifest: KubernetesManifest
}

const kubeletDefault = 30

export function kubernetesFor(site: Site): KubernetesValues {
  const { settings, place, budget } = site
  const needed = secondsFor(settings.deadline, clusterReserve)
  const grace = place.grace === undefined ? needed : Math.floor(place.grace / 1_000)
  const probing = probingFor(site, { unit: 1_000, longestPeriod: 10_000, rechecks: false })
  const probes = probesOf(site, probing)
  const warnings = [
    ...signalRule(settings, 'SIGTERM', 'Kubernetes'),
    ...settledGraceRule(site, needed * 1_000, '`terminationGracePeriodSeconds`'),
    ...readinessRule(settings),
    ...propagationRule(settings),
    ...hooksRule(site)
  ].map(sentenceOf)
  const notes = [
    "The app must listen on every address, `listen({ host: '0.0.0.0' })`: the kubelet and the Service do not come from localhost.",
    `A preStop hook is not needed, because the app serves on after the signal, for ${budget.lameDuck} ms. If there is one, add its time to \`terminationGracePeriodSeconds\`, which begins before it.`,
    ...(needed > kubeletDefault
      ? [
          `Without this line, \`terminationGracePeriodSeconds\` would be ${kubeletDefault}, which is less than this \`deadline\` needs.`
        ]
      : []),
    ...leftToOthers(site)
  ]
  const manifest = manifestOf(site, grace, probes)
  return {
    budget,
    terminationGracePeriodSeconds: grace,
    ...probes,
    lameDuckAtLeast: noticingTime(probing),
    manifest,
    warnings,
    notes,
    toText: () => commented({ warnings, notes }, toYaml(manifest))
  }
}

function probesOf(site: Site, { period, timeout, failures }: Probing): Probes {
  const { startup, ready, live } = site.settings.health
  const port = probePortOf(site)
  const probe = (
    path: string | false,
    times: readonly [period: number, timeout: number, failures: number]
  ) => {
    if (path === false) return undefined
    const [periodSeconds, timeoutSeconds, failureThreshold] = times
    return { httpGet: { path: urlOf(path), port }, periodSeconds, timeoutSeconds, failureThreshold }
  }
  return {
    // The app has a minute to boot. During this time, the liveness probe does not run, so it cannot restart the app.
    startupProbe: probe(startup === false ? live : startup, [2, 1, 30]),
    readinessProbe: probe(ready, [period / 1_000, timeout / 1_000, failures]),
    // This probe fails only after a long time, because a restart helps a stuck process, but not a busy one.
    livenessProbe: probe(live, [10, 5, 3])
  }
}

function manifestOf(site: Site, grace: number, probes: Probes): KubernetesManifest {
  const { place } = site
  const { name, image, port, replicas } = place
  const labels = { 'app.kubernetes.io/name': name }
  const probePort = probePortOf(site)
  const ports = [{ name: 'http', containerPort: port }]
  if (probePort !== port) ports.push({ name: 'probes', containerPort: probePort })
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      // Kubernetes waits until a new pod is ready before it ends an old one.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: grace,
          containers: [{ name, image, ports, ...termination(site), ...probes }]
        }
      }
    }
  }
}

/** The file that Kubernetes reads the termination message from by default. */
const usualPath = '/dev/termination-log'

/**
 * The keys for the termination message. The app writes the result of its shutdown into this file. If a container
 * fails and leaves the file empty, Kubernetes shows the end of the container's log instead.
 */
function termination({
  settings: { terminationLog }
}: Site): Pick<Container, 'terminationMessagePath' | 'terminationMessagePolicy'> {
  const isUsual = terminationLog === false || terminationLog === usualPath
  return {
    ...(!isUsual && { terminationMessagePath: terminationLog }),
    terminationMessagePolicy: 'FallbackToLogsOnError'
  }
}
