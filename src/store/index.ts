/** The one lab of the page, and the thin binding to React. */
import { useStore } from 'zustand';
import { startWorker } from '../worker/client';
import { createLab } from './lab';
import { openDatabase } from './persist';
import type { LabState } from './state';

export const lab = createLab({ connect: startWorker, openDatabase, now: () => performance.now() });

/** A part of the lab's state; the component is drawn again when it changes. */
export const useLab = <T>(selector: (state: LabState) => T): T => useStore(lab.store, selector);
