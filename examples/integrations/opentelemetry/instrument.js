import { NodeSDK } from '@opentelemetry/sdk-node'

// Loaded first: node --import ./instrument.js app.js
export const sdk = new NodeSDK({ serviceName: 'orders' })
sdk.start()
