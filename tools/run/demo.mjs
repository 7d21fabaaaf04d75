// npm run demo: what the driver does, on an embedded PostgreSQL unless one is configured.

import { prepare } from './steps.mjs'

export async function run() {
  await prepare()
  const { demo } = await import('../../demo/demo.mjs')
  return demo()
}
