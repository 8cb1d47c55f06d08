// Programs that are often deployed beside an app, but are not apps of Node.js. Each has the last part of its image's
// name.

const servers = [
  // databases and caches
  'postgres',
  'postgresql',
  'postgis',
  'pgvector',
  'timescaledb',
  'timescaledb-ha',
  'pgbouncer',
  'pgadmin4',
  'mysql',
  'mariadb',
  'percona',
  'mongo',
  'mongodb',
  'mongo-express',
  'redis',
  'redis-stack',
  'redis-stack-server',
  'redis-sentinel',
  'redis-cluster',
  'redisinsight',
  'valkey',
  'keydb',
  'memcached',
  'cassandra',
  'scylla',
  'couchdb',
  'neo4j',
  'influxdb',
  'clickhouse-server',
  'clickhouse',
  'cockroach',
  'etcd',
  'dynamodb-local',
  'elasticsearch',
  'opensearch',
  'kibana',
  'opensearch-dashboards',
  'meilisearch',
  'typesense',
  'solr',
  'qdrant',
  'weaviate',
  'chroma',
  'milvus',
  'phpmyadmin',
  'adminer',
  'minio',
  'libsql-server',
  'ferretdb',
  'sqld',
  // queues
  'rabbitmq',
  'kafka',
  'cp-kafka',
  'cp-zookeeper',
  'zookeeper',
  'redpanda',
  'nats',
  'nats-streaming',
  'pulsar',
  'activemq',
  'mosquitto',
  'emqx',
  'kafka-ui',
  'localstack',
  'elasticmq',
  'elasticmq-native',
  'gcloud-pubsub-emulator',
  // proxies
  'nginx',
  'nginx-unprivileged',
  'caddy',
  'haproxy',
  'traefik',
  'envoy',
  'httpd',
  'kong',
  'apache',
  'openresty',
  'squid',
  'varnish',
  'cloudflared',
  'certbot',
  'nginx-proxy',
  'acme-companion',
  'letsencrypt-nginx-proxy-companion',
  'oauth2-proxy',
  'tailscale',
  'ngrok',
  'docker-socket-proxy',
  'nginx-proxy-manager',
  'swag',
  'keycloak',
  'vault',
  'consul',
  'autoheal',
  'watchtower',
  // telemetry and mail
  'prometheus',
  'alertmanager',
  'grafana',
  'loki',
  'promtail',
  'tempo',
  'alloy',
  'jaeger',
  'zipkin',
  'opentelemetry-collector',
  'opentelemetry-collector-contrib',
  'node-exporter',
  'cadvisor',
  'statsd',
  'datadog-agent',
  'fluentd',
  'fluent-bit',
  'mailhog',
  'mailpit',
  'maildev',
  'mailcatcher',
  'postgres-exporter',
  'kube-state-metrics',
  'redis_exporter',
  'redis-commander',
  'jenkins',
  'portainer',
  'portainer-ce',
  'dozzle',
  'ollama',
  'vllm-openai',
  'gotenberg',
  'clamav',
  'imgproxy',
  'busybox',
  'curl',
  'wait-for-it',
  'dockerize',
  'kubectl',
  'git-sync',
  'restic',
  'flyway',
  'liquibase',
  // systems, which run anything else
  'pause',
  'hello-world',
  'whoami'
]

const languages = [
  'python',
  'golang',
  'openjdk',
  'eclipse-temurin',
  'amazoncorretto',
  'maven',
  'gradle',
  'tomcat',
  'jetty',
  'ruby',
  'rails',
  'php',
  'wordpress',
  'drupal',
  'nextcloud',
  'rust',
  'aspnet',
  'elixir',
  'erlang',
  'perl',
  'swift',
  'haskell',
  'uwsgi-nginx-flask',
  'miniconda3',
  'pytorch',
  'jupyter'
]

const known = new Set([...servers, ...languages])
// Images whose last part alone does not identify the program.
const paths =
  /(mssql\/server|\/dotnet\/\w+|datadog\/agent|jaegertracing\/|temporalio\/|dragonflydb\/|minio\/mc)\b/

// Words in the names of images that people build themselves for such programs: `orders-db`, `redis-follower`.
const words =
  /(^|[-_.])(db|database|mysql|mariadb|mongo|mongodb|redis|postgres|postgresql|rabbitmq|kafka|zookeeper|exporter|grafana|influxdb|prometheus|elasticsearch|memcached|cassandra|rethinkdb|hazelcast|spark|selenium|tomcat|wildfly|php|heapster|documentdb)([-_.]|$)/

/** The name of the program in an image, if this program is known not to be an app of Node.js. */
export function otherThanNode(image: string | undefined): string | undefined {
  if (image === undefined) return undefined
  const [path = ''] = image.split('@')
  const last = path.slice(path.lastIndexOf('/') + 1)
  const [name = ''] = last.split(':')
  return known.has(name.toLowerCase()) || words.test(name.toLowerCase()) || paths.test(path)
    ? name
    : undefined
}

/** Programs of other languages and other servers, as the first word of a command. */
const programs =
  /^(python[\d.]*|pip|uv|poetry|gunicorn|uvicorn|hypercorn|daphne|flask|celery|django-admin|java|mvn|gradle|ruby|rails|rake|bundle|puma|unicorn|sidekiq|php|php-fpm[\d.]*|apache2ctl|apache2-foreground|apachectl|httpd|nginx|caddy|haproxy|traefik|envoy|dotnet|go|cargo|mix|iex|elixir|erl|perl|postgres|mysqld|mariadbd|mongod|redis-server|rabbitmq-server|memcached|supervisord|crond?|cron|sshd|prometheus|grafana-server|minio|certbot|cloudflared|tail|sleep)$/

/** Whether the first word of a command is a program that is known not to be Node.js. */
export function isOtherProgram(program: string): boolean {
  return programs.test(program)
}
