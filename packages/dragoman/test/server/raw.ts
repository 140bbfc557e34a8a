import { connect } from 'node:net'

/** What a server said on one connection until it closed it, or until it said `until`. */
export function talk(port: number, bytes: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    const finish = () => {
      socket.destroy()
      resolve(heard)
    }
    socket.setEncoding('latin1')
    socket.on('data', data => {
      heard += data
      if (until !== undefined && heard.includes(until)) finish()
    })
    socket.on('close', finish)
    // A server that closes while we still send resets the connection; what it said before counts.
    socket.on('error', error => ('code' in error && error.code === 'ECONNREFUSED' ? reject(error) : finish()))
  })
}

export const request = (method: string, path: string, ...lines: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n')
