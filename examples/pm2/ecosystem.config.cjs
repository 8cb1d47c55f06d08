// The times and `wait_ready` are those of `npx fastify-lifecycle deploy --for pm2 --name orders`; cluster mode
// is added by hand.
module.exports = {
  apps: [
    {
      name: 'orders',
      script: './server.js',
      exec_mode: 'cluster',
      instances: 2,
      kill_timeout: 10_000,
      listen_timeout: 10_000,
      wait_ready: true
    }
  ]
}
