import type { Socket } from 'node:net'

/**
 * Ends a TCP connection by RST and nothing else. `socket.resetAndDestroy()` first finishes the writable side, which
 * sends FIN, so that the peer may see an orderly end before the reset. Its flag alone makes `destroy` close by RST.
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return
  // A FIN that is under way cannot be taken back. libuv refuses to reset then, Node takes the handle for closed all the
  // same, and the process never ends: it waits for that handle for ever.
  const ending = socket.writableEnded && !socket.writableFinished
  if (!ending) Reflect.set(socket, 'resetAndClosing', true)
  socket.destroy()
}
