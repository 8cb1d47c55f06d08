// Keys that Kubernetes knows, but that the rules do not read. Without these lists, such a key could look like a typing
// mistake.

// biome-ignore format: a list of names
export const podKeys = [
  'activeDeadlineSeconds', 'affinity', 'automountServiceAccountToken', 'containers', 'dnsConfig', 'dnsPolicy',
  'enableServiceLinks', 'ephemeralContainers', 'hostAliases', 'hostIPC', 'hostNetwork', 'hostPID', 'hostUsers',
  'hostname', 'hostnameOverride', 'imagePullSecrets', 'initContainers', 'nodeName', 'nodeSelector', 'os', 'overhead',
  'preemptionPolicy', 'priority', 'priorityClassName', 'readinessGates', 'resourceClaims', 'resources', 'restartPolicy',
  'runtimeClassName', 'schedulerName', 'schedulingGates', 'securityContext', 'serviceAccount', 'serviceAccountName',
  'setHostnameAsFQDN', 'shareProcessNamespace', 'subdomain', 'tolerations', 'topologySpreadConstraints', 'volumes',
  // Knative
  'containerConcurrency', 'timeoutSeconds', 'responseStartTimeoutSeconds', 'idleTimeoutSeconds'
]

// biome-ignore format: a list of names
export const containerKeys = [
  'args', 'command', 'env', 'envFrom', 'image', 'imagePullPolicy', 'name', 'ports', 'resizePolicy', 'resources',
  'restartPolicy', 'restartPolicyRules', 'securityContext', 'stdin', 'stdinOnce', 'terminationMessagePath',
  'terminationMessagePolicy', 'tty', 'volumeDevices', 'volumeMounts', 'workingDir'
]

// biome-ignore format: a list of names
export const probeKeys = [
  'exec', 'failureThreshold', 'grpc', 'httpGet', 'initialDelaySeconds', 'periodSeconds', 'successThreshold',
  'tcpSocket', 'terminationGracePeriodSeconds', 'timeoutSeconds'
]
