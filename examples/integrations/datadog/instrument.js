import tracer from 'dd-trace'

// Loaded first: node --import ./instrument.js app.js
export default tracer.init({ service: 'orders', startupLogs: false, remoteConfig: { pollInterval: 60 } })
