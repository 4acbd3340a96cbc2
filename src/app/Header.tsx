/** The strip at the top: pages, the device, the pace, the memory, the theme. */
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { useProgress } from '../pages/lab/useProgress';
import { formatBytes, formatNumber } from '../store/format';
import { useLab } from '../store/index';
import { useHidden, useLinkView } from '../store/link-view';
import { Icon } from '../ui/icons';
import classes from './app.module.css';
import { OfflineMark } from './offline/OfflineMark';
import { addressOf, type Route } from './route';

const PAGES: readonly [Route, string][] = [
  ['lab', 'Lab'],
  ['experiments', 'Experiments'],
  ['compare', 'Compare'],
  ['guide', 'Guide'],
  ['bench', 'Bench'],
];

/** Pages that belong to another one's link. */
const UNDER: Readonly<Partial<Record<Route, Route>>> = { experiment: 'experiments', worksheet: 'experiments' };

export interface HeaderProps {
  readonly route: Route;
  readonly onHelp: () => void;
  readonly onShare: () => void;
}

export const Header = memo(function Header({ route, onHelp, onShare }: HeaderProps): ReactElement {
  const hidden = useLinkView(({ hide }) => hide);
  const sharable = !useHidden('page.share');
  const open = UNDER[route] ?? route;
  const scheme = useComputedColorScheme('light');
  const { setColorScheme } = useMantineColorScheme();
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <header className={classes.header}>
      <h1 className={classes.brand}>Objective Lab</h1>
      <nav className={classes.nav} aria-label="Pages">
        {PAGES.filter(([page]) => !hidden.includes(`page.${page}`)).map(([page, title]) => (
          <a key={page} href={addressOf(page)} className={classes.navLink} aria-current={page === open ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <span className={classes.grow} />
      <Device />
      <OfflineMark />
      {sharable ? (
        <ActionIcon variant="subtle" aria-label="Share" title="Share ( s )" data-testid="share" onClick={onShare}>
          <Icon name="share" />
        </ActionIcon>
      ) : null}
      <ActionIcon variant="subtle" aria-label="Keys and help" title="Keys and help ( ? )" onClick={onHelp}>
        <span aria-hidden="true">?</span>
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        data-testid="theme-toggle"
        aria-label={`Use the ${other} theme`}
        title={`Use the ${other} theme ( t )`}
        onClick={() => setColorScheme(other)}
      >
        <Icon name={scheme === 'dark' ? 'sun' : 'moon'} />
      </ActionIcon>
    </header>
  );
});

function Device(): ReactElement | null {
  const device = useLab((state) => state.device);
  const memory = useLab((state) => state.memoryBytes);
  const run = useLab((state) => (state.activeId === null ? null : (state.runs[state.activeId] ?? null)));
  const { rate } = useProgress(run?.id ?? null, run?.totalSteps ?? 0);
  if (device === null) return null;
  return (
    <div className={classes.device}>
      <span className={classes.deviceName} title={device.name} data-testid="device">
        {device.name}
      </span>
      <span className={classes.pace}>{rate === null ? '' : `${formatNumber(rate)} steps/s`}</span>
      <span className={classes.memory} data-testid="memory" title="Memory that the lab holds on the device">
        {memory === null ? '' : formatBytes(memory)}
      </span>
    </div>
  );
}
