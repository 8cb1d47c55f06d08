/** Every rule, with a description. The names never change, because people write them into their configuration. */
export const rules = {
  'signal-not-reached': 'The stop signal must reach the app',
  'command-broken': 'A start command must work',
  'init-missing': 'The first process of a container should be an init process',
  'signal-unheard': 'The stop signal must be one that the app listens to',
  'notify-unheard': 'The message that systemd waits for must come from a process that it listens to',
  'socket-unused': 'The socket must reach the app',
  'kill-missing': 'A process that hangs must be killed',
  'grace-too-short': 'The kill must come after the deadline',
  'probe-path': 'A probe must ask what the plugin answers',
  'probe-kind': 'A readiness probe must ask the readiness, and a liveness probe the liveness',
  'probe-port': 'A probe must ask where the app answers',
  'probe-missing': 'A balancer must be able to see that the app is not ready',
  'readiness-ignored': 'An app that is not ready must get no requests',
  'requests-cut': 'Requests in flight must be finished',
  'request-repeated': 'A request that may have been worked on must not be sent again',
  'lame-duck-too-short': 'Balancers must notice that the app is not ready before the lame duck ends',
  'port-unserved': 'Requests must be sent to a port that the app listens on',
  'update-gap': 'An update must leave a process that serves',
  'sidecar-ends-first': 'A sidecar must not end before the app that needs it',
  'key-misplaced': 'A key must stand where it is read',
  'key-misspelt': 'A key must be one that is known',
  'options-impossible': 'The options must be possible where the app runs',
  'cannot-be-read': 'A file that cannot be read is reported'
} as const

export type RuleName = keyof typeof rules
export const ruleNames = Object.keys(rules) as readonly RuleName[]
