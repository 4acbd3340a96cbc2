/** The setting that something on the page points to, for the setup to show. */
import { createHolder } from '../../charts/holder';

/** A new object each time, so that asking twice shows it twice. */
export const askedSetting = createHolder<{ readonly path: string } | null>(null);
