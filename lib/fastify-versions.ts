/** The versions of Fastify with which the plugins may be registered: the same as the peer dependency. */
export const fastifyVersions = '^5.3.0 || ^6.0.0-alpha.4'
