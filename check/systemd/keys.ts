// The keys of a unit that the rules read, and the other keys that systemd knows. Without these lists, such a key could
// look like a typing mistake.

/** The keys that the rules read in the section of a service. */
// biome-ignore format: a list of names
export const readKeys = [
  'TimeoutStopSec', 'TimeoutSec', 'KillMode', 'KillSignal', 'RestartKillSignal', 'SendSIGKILL', 'Type', 'NotifyAccess',
  'ExecStart', 'ExecStop'
]

// biome-ignore format: a list of names
export const serviceKeys = [
  'ExecStartPre', 'ExecStartPost', 'ExecStopPost', 'ExecReload', 'ExecReloadPost', 'ExecCondition', 'ExecSearchPath',
  'TimeoutStartSec', 'TimeoutAbortSec', 'TimeoutCleanSec', 'TimeoutStartFailureMode', 'TimeoutStopFailureMode',
  'FinalKillSignal', 'WatchdogSignal', 'SendSIGHUP', 'RuntimeMaxSec', 'RuntimeDirectory', 'RestartSec', 'Restart',
  'RestartMode', 'RestartSteps', 'WatchdogSec', 'PIDFile', 'User', 'Group', 'Environment', 'EnvironmentFile', 'Slice',
  'WorkingDirectory', 'StandardOutput', 'StandardError', 'StandardInput', 'SyslogIdentifier', 'LimitNOFILE', 'Nice',
  'Sockets', 'SocketMode', 'TTYPath', 'RemainAfterExit', 'GuessMainPID', 'NonBlocking', 'UMask', 'Delegate', 'ReloadSignal'
]

// biome-ignore format: a list of names
export const socketKeys = [
  'ListenStream', 'ListenDatagram', 'ListenFIFO', 'Accept', 'Service', 'SocketUser', 'SocketGroup', 'SocketMode',
  'BindIPv6Only', 'Backlog', 'KeepAlive', 'NoDelay', 'ReusePort', 'FreeBind', 'FileDescriptorName', 'FlushPending',
  'PollLimitIntervalSec', 'RemoveOnStop', 'TriggerLimitBurst', 'Writable', 'Mark', 'Symlinks'
]
