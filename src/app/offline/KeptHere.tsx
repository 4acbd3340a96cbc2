/** What the help says about working without a network. */
import type { ReactElement } from 'react';
import type { OfflineState } from './offline';
import { useOffline } from './page';

const WORDS: Readonly<Record<OfflineState['kept'], string>> = {
  unknown: 'The lab will be kept in this browser in a moment.',
  fetching: 'The lab is being kept in this browser, so that it opens without a network from then on.',
  yes: 'The lab is kept in this browser. It opens, trains and shows the recorded results without a network, and can be installed from the browser’s menu.',
  failed: 'Not all of the lab could be fetched. The next visit with a network goes on with it.',
  impossible:
    'This browser cannot keep the lab here: that takes https or localhost, and no private window. Runs need no network all the same.',
};

export const KeptHere = (): ReactElement => <p data-testid="kept">{WORDS[useOffline((state) => state.kept)]}</p>;
