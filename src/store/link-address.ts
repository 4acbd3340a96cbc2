/**
 * Keeps the address and the lab together: an address that names a setup opens it, and the address of the lab page always names the
 * setup that is in it, so that copying it is sharing it. The page that compares does the same with how its charts are looked at and which
 * runs are ticked.
 */
import { canonical } from './arms';
import { EXPERIMENTS } from './experiments';
import type { Lab } from './lab';
import type { Linked, LinkedCompare } from './link';
import { type LinkedArm, linkView, viewOf } from './link-view';
import type { LabState } from './state';
import { changeView, type Views, views } from './views';

/** How long the setup must rest before the address follows. */
const REST_MS = 300;

type Link = typeof import('./link') & typeof import('./link-runs');

const COMPARE = 'compare';

/** What the address of a page holds beside what is hidden; null for a page whose address is all there is to it. */
export function linkedOn(
  page: string,
  { setup, smoothing, runs, order }: Pick<LabState, 'setup' | 'smoothing' | 'runs' | 'order'>,
  { lab, compare }: Views,
  missing: readonly LinkedArm[],
): Linked | LinkedCompare | null {
  if (page === '') return setup === null ? null : { setup, smoothing, charts: lab };
  return page === COMPARE ? { smoothing, compare, runs: order.flatMap((id) => runs[id] ?? []), missing } : null;
}

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
  /** `own`: it was written here before a reload, and the reader's own view and ticks are those that hold. */
  let arrived: { readonly page: string; readonly query: URLSearchParams; readonly own: boolean } | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  /** The address as it was last read or written. Where it is another, the browser is about to say so. */
  let seen = '';

  /** Opens what has arrived, once there is a catalogue to read it by. */
  const open = (): void => {
    const { catalogue, setup } = lab.store.getState();
    if (link === null || arrived === null || catalogue === null || setup === null) return;
    const { page, query, own } = arrived;
    arrived = null;
    if (page === COMPARE) {
      const { smoothing, compare, runs, problems } = link.openCompareLink(query, catalogue);
      if (own) {
        link.lookForLinked(lab, runs ?? []);
        return;
      }
      if (smoothing !== null) lab.setSmoothing(smoothing);
      if (compare !== null) changeView('compare', compare);
      link.tickLinked(lab, runs ?? []);
      linkView.setState({ problems });
      return;
    }
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
    // Whoever comes back to a comparison of their own may have ticked another run since.
    const opens = page === '' || (page === COMPARE && !writtenHere());
    if (opens && says) {
      arrived = { page, query, own: false };
      open();
    }
    schedule();
  };

  const write = async (): Promise<void> => {
    timer = null;
    const { catalogue, setup } = lab.store.getState();
    if (link === null || catalogue === null || setup === null || arrived !== null || window.location.hash !== seen) return;
    const { page, query } = splitAddress(window.location.hash);
    const view = linkView.getState();
    const linked = linkedOn(page, lab.store.getState(), views.getState(), view.missing);
    if (linked === null && (view.hide.length === 0 || query.has('hide'))) return;
    const written = link.queryOf(linked, view, catalogue, EXPERIMENTS);
    const kept = linked === null ? query.toString() : '';
    const whole = [kept, written].filter(Boolean).join('&');
    const hash = `#/${page}${whole === '' ? '' : `?${whole}`}`;
    if (hash === seen && writtenHere()) return;
    // A reload trusts the storage with an address that was written here, so the storage comes first.
    const here = seen;
    await lab.save();
    // Meanwhile the reader may have gone elsewhere, or an earlier change may have been written.
    if (arrived !== null || seen !== here || window.location.hash !== here) {
      schedule();
      return;
    }
    const isKept = lab.store.getState().storage === 'ready';
    window.history.replaceState(isKept ? { lab: hash } : null, '', hash);
    seen = window.location.hash;
  };
  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void write(), REST_MS);
  };

  seen = window.location.hash;
  if (writtenHere()) {
    const { page, query } = splitAddress(seen);
    linkView.setState(viewOf(query).view);
    if (page === COMPARE) arrived = { page, query, own: true };
  } else arrive();
  void Promise.all([import('./link'), import('./link-runs')]).then(([setups, runs]) => {
    link = { ...setups, ...runs };
    open();
    schedule();
  });
  window.addEventListener('hashchange', arrive);
  linkView.subscribe(schedule);
  views.subscribe(schedule);
  lab.store.subscribe((state, before) => {
    if (arrived !== null) open();
    if (state.order !== before.order && linkView.getState().missing.length > 0) link?.tickWhatCame(lab);
    const named = state.setup !== before.setup || state.smoothing !== before.smoothing;
    if (named || (state.runs !== before.runs && splitAddress(seen).page === COMPARE)) schedule();
  });
}

function adopt(lab: Lab, draft: Parameters<Lab['own']['adopt']>[0]): ReturnType<Parameters<Link['openLink']>[1]['adopt']> {
  const id = lab.own.adopt(draft);
  const { catalogue } = lab.store.getState();
  if (catalogue === null) throw new Error('A link is opened once there is a catalogue.');
  return { id, catalogue };
}
