/** A value of type point. */
export interface Point {
  /** The first coordinate. */
  x: number
  /** The second coordinate. */
  y: number
}

/** A value of type line: ax + by + c = 0. */
export interface Line {
  /** The factor of x. */
  a: number
  /** The factor of y. */
  b: number
  /** The constant term. */
  c: number
}

/** A value of type lseg. */
export interface LineSegment {
  /** Where it begins. */
  p1: Point
  /** Where it ends. */
  p2: Point
}

/** A value of type box, whose corners PostgreSQL puts in this order. */
export interface Box {
  /** The upper right corner. */
  high: Point
  /** The lower left corner. */
  low: Point
}

/** A value of type path. */
export interface Path {
  /** Its points in their order. */
  points: Point[]
  /** Whether the last point is joined to the first one. */
  isClosed: boolean
}

/** A value of type polygon. */
export interface Polygon {
  /** Its corners in their order. */
  points: Point[]
}

/** A value of type circle. */
export interface Circle {
  /** Its middle. */
  center: Point
  /** Never negative. */
  radius: number
}

/** A value of type pg_snapshot or txid_snapshot: which transactions a snapshot saw. */
export interface Snapshot {
  /** All transactions below have ended. */
  xmin: bigint
  /** No transaction from here on had begun. */
  xmax: bigint
  /** The transactions between `xmin` and `xmax` that were under way. */
  xip: bigint[]
}
