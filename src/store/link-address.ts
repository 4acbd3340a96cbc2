/**
 * Keeps the address and the lab together: an address that names a setup opens it, and the address of the lab page always names the
 * setup that is in it, so that copying it is sharing it.
 */
import { canonical } from './arms';
import { EXPERIMENTS } from './experiments';
import type { Lab } from './lab';
import { linkView, viewOf } from './link-view';
import { changeView, views } from './views';

/** How long the setup must rest before the address follows. */
const REST_MS = 300;

type Link = typeof import('./link');

/** Page and query of an address. */
export function splitAddress(hash: string): { readonly page: string; readonly query: URLSearchParams } {
  const [page = '', ...query] = hash.replace(/^#\/?/, '').split('?');
  return { page, query: new URLSearchParams(query.join('?')) };
}

/** What an entry of the history keeps beside an address that was written here: a reload then brings back the reader's own setup. */
const writtenHere = (): boolean => (window.history.state as { readonly lab?: string } | null)?.lab === window.location.hash;

/** Follows the address from now on; what it hides holds at once. */
export function followAddress(lab: Lab): void {
  let link: Link | null = null;
  let arrived: URLSearchParams | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  /** The address as it was last read or written. Where it is another, the browser is about to say so. */
  let seen = '';

  /** Opens what has arrived, once there is a catalogue to read it by. */
  const open = (): void => {
    const { catalogue, setup } = lab.store.getState();
    if (link === null || arrived === null || catalogue === null || setup === null) return;
    const query = arrived;
    arrived = null;
    const opened = link.openLink(query, { catalogue, experiments: EXPERIMENTS, adopt: (draft) => adopt(lab, draft) });
    if (opened.setup !== null && canonical(opened.setup) !== canonical(setup)) {
      const next = opened.setup;
      lab.open(() => next);
    }
    if (opened.smoothing !== null) lab.setSmoothing(opened.smoothing);
    if (opened.charts !== null) changeView('lab', opened.charts);
    linkView.setState({ problems: opened.problems });
  };

  const arrive = (): void => {
    seen = window.location.hash;
    const { page, query } = splitAddress(window.location.hash);
    const says = [...query.keys()].length > 0;
    // The page's own links say nothing of what is hidden: it stays so.
    linkView.setState(says ? { ...viewOf(query).view, problems: [] } : { problems: [] });
    if (page === '' && says) {
      arrived = query;
      open();
    }
    schedule();
  };

  const write = async (): Promise<void> => {
    timer = null;
    const { catalogue, setup, smoothing } = lab.store.getState();
    if (link === null || catalogue === null || setup === null || arrived !== null || window.location.hash !== seen) return;
    const { page, query } = splitAddress(window.location.hash);
    const view = linkView.getState();
    if (page !== '' && (view.hide.length === 0 || query.has('hide'))) return;
    const written = link.queryOf(page === '' ? { setup, smoothing, charts: views.getState().lab } : null, view, catalogue, EXPERIMENTS);
    const kept = page === '' ? '' : query.toString();
    const whole = [kept, written].filter(Boolean).join('&');
    const hash = `#/${page}${whole === '' ? '' : `?${whole}`}`;
    if (hash === seen && writtenHere()) return;
    // A reload trusts the storage with an address that was written here, so the storage comes first.
    await lab.save();
    if (arrived !== null || window.location.hash !== seen) return;
    const isKept = lab.store.getState().storage === 'ready';
    window.history.replaceState(isKept ? { lab: hash } : null, '', hash);
    seen = window.location.hash;
  };
  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void write(), REST_MS);
  };

  seen = window.location.hash;
  if (writtenHere()) linkView.setState(viewOf(splitAddress(seen).query).view);
  else arrive();
  void import('./link').then((loaded) => {
    link = loaded;
    open();
    schedule();
  });
  window.addEventListener('hashchange', arrive);
  linkView.subscribe(schedule);
  views.subscribe(schedule);
  lab.store.subscribe((state, before) => {
    if (arrived !== null) open();
    if (state.setup !== before.setup || state.smoothing !== before.smoothing) schedule();
  });
}

function adopt(lab: Lab, draft: Parameters<Lab['own']['adopt']>[0]): ReturnType<Parameters<Link['openLink']>[1]['adopt']> {
  const id = lab.own.adopt(draft);
  const { catalogue } = lab.store.getState();
  if (catalogue === null) throw new Error('A link is opened once there is a catalogue.');
  return { id, catalogue };
}
