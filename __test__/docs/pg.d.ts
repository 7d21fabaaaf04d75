/** node-postgres has no declarations of its own: what tests use of it. */
declare module 'pg' {
  export class Client {
    constructor(config: { connectionString: string })
    connect(): Promise<void>
    query(text: string, args?: readonly unknown[]): Promise<{ rows: { [name: string]: unknown }[] }>
    end(): Promise<void>
  }
}
