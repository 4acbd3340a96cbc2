/** The small shape that stands for a run beside its colour. */
import type { ReactElement } from 'react';
import type { Accent, Marker as Shape } from '../store/palette';

/** In 12 x 12 pixels. */
export const MARKER_PATHS: Record<Shape, string> = {
  circle: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9Z',
  square: 'M2 2h8v8H2Z',
  triangle: 'M6 1.2 11 10.4H1Z',
  diamond: 'M6 .6 11.4 6 6 11.4 .6 6Z',
  cross: 'M4.3 1h3.4v3.3H11v3.4H7.7V11H4.3V7.7H1V4.3h3.3Z',
  wedge: 'M1 1.6h10L6 10.8Z',
};

/** Drawn in 12 x 12 pixels unless told otherwise; hidden from assistive technology, as the run's name stands beside it. */
export function Marker({ accent, size = 12, hollow = false }: { accent: Accent; size?: number; hollow?: boolean }): ReactElement {
  const paint = hollow ? { fill: 'none', stroke: accent.colour, strokeWidth: 1.6 } : { fill: accent.colour };
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" style={{ flex: 'none' }}>
      <path d={MARKER_PATHS[accent.marker]} {...paint} />
    </svg>
  );
}
