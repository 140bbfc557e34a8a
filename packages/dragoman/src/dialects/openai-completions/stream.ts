export { decodeStream } from './stream-decode.ts'
export { encodeStream } from './stream-encode.ts'
export { watchStream } from './stream-watch.ts'
