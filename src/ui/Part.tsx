/** A part of the page, unless a link takes it out of sight. */
import type { ReactNode } from 'react';
import { useHidden } from '../store/link-view';

/** `id` is one of `HIDEABLE`. */
export const Part = ({ id, children }: { id: string; children: ReactNode }): ReactNode => (useHidden(id) ? null : children);
