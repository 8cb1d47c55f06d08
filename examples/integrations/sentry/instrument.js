import * as Sentry from '@sentry/node'

// Loaded first: node --import ./instrument.js app.js
Sentry.init({ dsn: process.env.SENTRY_DSN })
