// A process that outlives its parent by a moment: when the parent ends, in whatever way, the pipe between them
// closes, and the guard stops the server and removes its folder. A shell costs a millisecond; Windows has none, so
// node does the same there.

import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

const SHELL_GUARD = `
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf -- "$1"
`

const NODE_GUARD = `
let seen = ''
process.stdin.on('data', (chunk) => { seen += chunk }).on('close', () => {
  const pid = Number(seen.trimEnd().split('\\n').at(-1))
  try { if (pid > 0) process.kill(pid) } catch {}
  setTimeout(() => require('node:fs').rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 20 }), 500)
})
`

/**
 * @param {string} folder removed at the end
 * @returns {{ watch(pid: number | undefined): void, dismiss(): void }} `watch` tells which process to stop;
 *   `dismiss` lets the guard do its work and end
 */
export function startGuard(folder) {
  const [program, parameters] =
    process.platform === 'win32'
      ? [process.execPath, ['-e', NODE_GUARD, folder]]
      : ['/bin/sh', ['-c', SHELL_GUARD, 'cornac-guard', folder]]
  // A session of its own: Ctrl-C in a terminal goes to the foreground group, and the guard must survive it.
  const guard = spawn(program, parameters, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  guard.unref()
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  if (guard.stdin instanceof Socket) guard.stdin.unref()
  return {
    watch: (pid) => void guard.stdin.write(`${pid ?? ''}\n`),
    dismiss: () => void guard.stdin.end(),
  }
}
