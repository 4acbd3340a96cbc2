/** What all charts of curves share while they are pointed at: where the pointer stands, what is zoomed into, what is highlighted. */
import { createHolder } from './holder';

/** A stretch of an x axis. */
export interface Zoom {
  /** The axis that it is of; charts of another one show all. */
  readonly axis: string;
  readonly from: number;
  readonly to: number;
}

/** The x that the pointer stands at; null while it is elsewhere. */
export const crosshair = createHolder<number | null>(null);
export const zoom = createHolder<Zoom | null>(null);
/** The entry, a run or an arm, whose lines stand out; null for all alike. */
export const highlight = createHolder<string | null>(null);
