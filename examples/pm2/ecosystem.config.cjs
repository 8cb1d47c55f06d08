// `npx fastify-lifecycle deploy --for pm2 --name orders` writes one from the options of the app.
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
