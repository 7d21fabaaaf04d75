import { tracingChannel } from 'node:diagnostics_channel'
import type { ExecutionContext } from 'ava'
import type { TracedOperation, TraceMessage } from '../../index.ts'

export type Event = readonly [event: string, message: TraceMessage]

/** What is told on the channel of an operation until the test ends. */
export function subscribe(t: ExecutionContext, operation: TracedOperation): Event[] {
  const events: Event[] = []
  const channel = tracingChannel<unknown, TraceMessage>(`cornac:${operation}`)
  const told = (event: string) => (message: TraceMessage) => void events.push([event, message])
  const subscribers = {
    start: told('start'),
    end: told('end'),
    asyncStart: told('asyncStart'),
    asyncEnd: told('asyncEnd'),
    error: told('error'),
  }
  channel.subscribe(subscribers)
  t.teardown(() => channel.unsubscribe(subscribers))
  return events
}
