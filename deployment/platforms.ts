import { type ComposeValues, composeFor, type DockerValues, dockerFor } from './docker.ts'
import { type HAProxyValues, haproxyFor } from './haproxy.ts'
import { type KubernetesValues, kubernetesFor } from './kubernetes.ts'
import { type NginxValues, nginxFor } from './nginx.ts'
import { type PM2Values, pm2For } from './pm2.ts'
import type { Site } from './site.ts'
import { type SystemdValues, systemdFor } from './systemd.ts'

/** The values for each platform. */
export interface Deployment {
  readonly kubernetes: KubernetesValues
  readonly docker: DockerValues
  readonly compose: ComposeValues
  readonly haproxy: HAProxyValues
  readonly nginx: NginxValues
  readonly systemd: SystemdValues
  readonly pm2: PM2Values
}

/** The platforms by name. */
export type Platform = keyof Deployment

export const platforms: { readonly [Name in Platform]: (site: Site) => Deployment[Name] } = {
  kubernetes: kubernetesFor,
  docker: dockerFor,
  compose: composeFor,
  haproxy: haproxyFor,
  nginx: nginxFor,
  systemd: systemdFor,
  pm2: pm2For
}

export const platformNames = Object.keys(platforms) as readonly Platform[]
