/** A value of type point. */
export interface Point {
  x: number
  y: number
}

/** A value of type line: ax + by + c = 0. */
export interface Line {
  a: number
  b: number
  c: number
}

/** A value of type lseg. */
export interface LineSegment {
  p1: Point
  p2: Point
}

/** A value of type box, whose corners PostgreSQL puts in this order. */
export interface Box {
  high: Point
  low: Point
}

/** A value of type path. */
export interface Path {
  points: Point[]
  isClosed: boolean
}

/** A value of type polygon. */
export interface Polygon {
  points: Point[]
}

/** A value of type circle. */
export interface Circle {
  center: Point
  radius: number
}

/** A value of type pg_snapshot or txid_snapshot: which transactions a snapshot saw. */
export interface Snapshot {
  /** All transactions below have ended. */
  xmin: bigint
  /** No transaction from here on had begun. */
  xmax: bigint
  /** Those between that were under way. */
  xip: bigint[]
}
