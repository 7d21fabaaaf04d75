/** The folder of the programs of a PostgreSQL that has pgvector, `undefined` where it is not installed. */
export declare function findPgvector(): Promise<string | undefined>
