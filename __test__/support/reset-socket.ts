import type { Socket } from 'node:net'

/**
 * Ends a TCP connection by RST and nothing else. `socket.resetAndDestroy()` first finishes the writable side, which
 * sends FIN, so that the peer may see an orderly end before the reset. Its flag alone makes `destroy` close by RST.
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return
  Reflect.set(socket, 'resetAndClosing', true)
  socket.destroy()
}
