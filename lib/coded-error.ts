import createFastifyError, { type FastifyErrorConstructor } from '@fastify/error'
import { longest, shorten } from './bounds.ts'

/** The class of errors with one code; its arguments are put into the message. */
export type Coded<Arguments extends [unknown?, unknown?, unknown?]> = FastifyErrorConstructor<
  { code: string; statusCode?: number },
  Arguments
>

/** Makes a class of errors whose messages stay readable, whatever is put into them. */
export function createError<Arguments extends [unknown?, unknown?, unknown?]>(
  code: string,
  message: string,
  statusCode = 500,
  base: ErrorConstructor = Error
): Coded<Arguments> {
  const construct = (target: new (...given: string[]) => Error, given: string[], newTarget: unknown) => {
    const short = given.map((text) => shorten(text, longest.detail))
    const error = Reflect.construct(target, short, newTarget as new () => Error)
    // The stack begins with the code that made the error.
    Error.captureStackTrace(error, construct)
    return error
  }
  const made: unknown = createFastifyError(code, message, statusCode, base, false)
  return new Proxy(made as new () => Error, { construct }) as unknown as Coded<Arguments>
}
