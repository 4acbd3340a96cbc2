/** One experiment by itself, for a frame in another page: its arms, what the policy does, its charts, and the strip that trains it. */
import type { ReactElement } from 'react';
import { EXPERIMENTS, openArm } from '../../store/experiments';
import { lab, useLab } from '../../store/index';
import { Part } from '../../ui/Part';
import { Banners } from '../lab/Banners';
import { Behaviour } from '../lab/Behaviour';
import { ChartGrid } from '../lab/ChartGrid';
import labClasses from '../lab/lab.module.css';
import { Transport } from '../lab/Transport';
import classes from './embed.module.css';

export default function EmbedPage(): ReactElement {
  return (
    <main className={classes.page} data-testid="embed">
      <header className={classes.head}>
        <Title />
        <a className={classes.whole} href={wholeLab()} target="_blank" rel="noreferrer" onClick={(event) => renew(event.currentTarget)}>
          Open in Objective Lab
        </a>
      </header>
      <div className={`${labClasses.stack} ${classes.body}`}>
        <Banners />
        <Part id="panel.behaviour">
          <Behaviour />
        </Part>
        <Part id="panel.charts">
          <ChartGrid head={<h2 className={labClasses.panelTitle}>Charts</h2>} />
        </Part>
      </div>
      <Transport />
    </main>
  );
}

/** The same address without the frame. */
const wholeLab = (): string => window.location.href.replace(/([?&])embed=1&?/, '$1').replace(/[?&]$/, '');

/** The address follows the setup without the page being drawn again. */
const renew = (link: HTMLAnchorElement): void => link.setAttribute('href', wholeLab());

function Title(): ReactElement {
  const opened = useLab((state) => state.setup?.opened ?? null);
  const catalogue = useLab((state) => state.catalogue);
  const experiment = EXPERIMENTS.find(({ id }) => id === opened?.experiment);
  const arms = Object.entries(experiment?.arms ?? {});
  return (
    <>
      <h1 className={classes.title}>{experiment?.title ?? 'Objective Lab'}</h1>
      <Part id="setup.experiment">
        {experiment === undefined || catalogue === null || arms.length < 2 ? null : (
          <select
            className={classes.arm}
            aria-label="Arm"
            data-testid="embed-arm"
            value={opened?.arm}
            onChange={(event) => {
              const arm = event.currentTarget.value;
              lab.open(() => openArm(experiment, arm, catalogue));
            }}
          >
            {arms.map(([id, { title }]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Part>
    </>
  );
}
