/** The few icons of the page, drawn on a 16 x 16 grid in the text colour. */
import type { ReactElement } from 'react';

/** Outlines. */
const STROKED = {
  reset: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.2v2.9h2.9',
  undo: 'M6 3 3 6l3 3M3.2 6H9.5a3.5 3.5 0 0 1 0 7H6',
  redo: 'M10 3l3 3-3 3M12.8 6H6.5a3.5 3.5 0 0 0 0 7H10',
  up: 'M8 13V3.5M4 7l4-4 4 4',
  down: 'M8 3v9.5M4 9l4 4 4-4',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0-3.6',
  eyeOff:
    'M2 2l12 12M6.3 3.8C6.8 3.6 7.4 3.5 8 3.5c4 0 6.5 4.5 6.5 4.5s-.7 1.3-2 2.5M9.8 12.2c-.6.2-1.2.3-1.8.3C4 12.5 1.5 8 1.5 8s.8-1.5 2.3-2.8',
  trash: 'M2.5 4h11M6.5 4V2.5h3V4M4 4l.7 9.5h6.6L12 4M6.7 6.8v4M9.3 6.8v4',
  pencil: 'M10.8 2.7 13.3 5.2 5.5 13H3v-2.5Z',
  sun: 'M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  star: 'M8 1.8 9.9 5.9l4.4.5-3.3 3 .9 4.4L8 11.6l-3.9 2.2.9-4.4-3.3-3 4.4-.5Z',
  pin: 'M5.5 2h5M6.3 2v4.6L4 9.2h8L9.7 6.6V2M8 9.2V14',
  warn: 'M8 2 14.5 13.5h-13ZM8 6.5v3.2M8 11.6v.1',
  offline:
    'M2 2l12 12M4.2 8.6a5.4 5.4 0 0 1 2.1-1.2M9.2 7.3a5.4 5.4 0 0 1 2.6 1.3M1.8 6.2a8.8 8.8 0 0 1 2.6-1.8M7 3.6a8.8 8.8 0 0 1 7.2 2.6M6.3 10.9a2.6 2.6 0 0 1 3.4 0M8 13.3v.1',
  download: 'M8 2v7.5M4.8 6.6 8 9.8l3.2-3.2M3 12.5v1h10v-1',
  share: 'M8 9.5V1.8M5 4.5l3-3 3 3M4.5 7H3v7h10V7h-1.5',
  table: 'M2 3h12v10H2ZM2 6.3h12M2 9.7h12M6.5 3v10',
  file: 'M4 1.5h5L12.5 5v9.5h-8.5ZM9 1.5V5h3.5M8 12V8M6.2 9.6 8 7.8l1.8 1.8',
} as const;

/** Solid shapes. */
const FILLED = {
  play: 'M4 2.5v11l9.5-5.5Z',
  pause: 'M4 2.5h3v11H4ZM9 2.5h3v11H9Z',
  starred: 'M8 1.8 9.9 5.9l4.4.5-3.3 3 .9 4.4L8 11.6l-3.9 2.2.9-4.4-3.3-3 4.4-.5Z',
  more: 'M8 2.4a1.3 1.3 0 1 0 0 2.6a1.3 1.3 0 1 0 0-2.6M8 6.7a1.3 1.3 0 1 0 0 2.6a1.3 1.3 0 1 0 0-2.6M8 11a1.3 1.3 0 1 0 0 2.6a1.3 1.3 0 1 0 0-2.6',
  step: 'M3 2.5v11L10.5 8ZM11 2.5h2v11h-2Z',
} as const;

export type IconName = keyof typeof STROKED | keyof typeof FILLED;

/** Hidden from assistive technology: the control that it stands in has a name. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactElement {
  const filled = name in FILLED;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none', display: 'block' }}
    >
      <path d={{ ...STROKED, ...FILLED }[name]} />
    </svg>
  );
}
