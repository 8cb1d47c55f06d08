// The keys that Compose knows in a service, besides the keys that the rules read.

// biome-ignore format: a list of names
export const serviceKeys = [
  'annotations', 'attach', 'blkio_config', 'build', 'cap_add', 'cap_drop', 'cgroup', 'cgroup_parent', 'configs',
  'container_name', 'cpu_count', 'cpu_percent', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime',
  'cpu_shares', 'cpus', 'cpuset', 'credential_spec', 'depends_on', 'deploy', 'develop', 'device_cgroup_rules',
  'devices', 'dns', 'dns_opt', 'dns_search', 'domainname', 'driver_opts', 'env_file', 'environment', 'expose',
  'extends', 'external_links', 'extra_hosts', 'gpus', 'group_add', 'hostname', 'image', 'ipc', 'isolation',
  'label_file', 'labels', 'links', 'logging', 'mac_address', 'mem_limit', 'mem_reservation', 'mem_swappiness',
  'memswap_limit', 'models', 'network_mode', 'networks', 'oom_kill_disable', 'oom_score_adj', 'pid', 'pids_limit',
  'platform', 'ports', 'post_start', 'pre_stop', 'privileged', 'profiles', 'provider', 'pull_policy', 'read_only',
  'restart', 'runtime', 'scale', 'secrets', 'security_opt', 'shm_size', 'stdin_open', 'storage_opt', 'sysctls',
  'tmpfs', 'tty', 'ulimits', 'use_api_socket', 'user', 'userns_mode', 'uts', 'volumes', 'volumes_from', 'working_dir'
]

/** The keys that the rules read in a service. */
export const readKeys = ['stop_grace_period', 'stop_signal', 'init', 'healthcheck', 'command', 'entrypoint']

/** The keys that belong directly to a service, even if the file has them elsewhere. */
export const ownKeys = ['stop_grace_period', 'stop_signal', 'init', 'healthcheck']
