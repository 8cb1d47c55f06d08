// What a client and a server of gRPC share, which other programs generate from a .proto file.
const serialize = (value) => Buffer.from(JSON.stringify(value))
const deserialize = (bytes) => JSON.parse(bytes.toString())

export const orders = {
  slow: {
    path: '/Orders/Slow',
    requestStream: false,
    responseStream: false,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize
  }
}
