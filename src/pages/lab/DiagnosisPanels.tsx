/** The panels of a diagnosis: those that fit what the objective learns from. */
import { Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { HistogramChart, type HistogramLine } from '../../charts/HistogramChart';
import { PlaneChart } from '../../charts/PlaneChart';
import { ShareBars } from '../../charts/ShareBars';
import type { GroupsSeen, LengthsSeen, PairsSeen, RatiosSeen, RolloutsSeen } from '../../core/diagnosis';
import { formatNumber, plural } from '../../store/format';
import type { DiagnosisView } from './diagnosis-view';
import classes from './lab.module.css';

interface PanelProps {
  readonly title: string;
  readonly help: string;
  /** The figures in words. */
  readonly facts: ReactNode;
  readonly testId: string;
  readonly children: ReactNode;
}

const Panel = ({ title, help, facts, testId, children }: PanelProps): ReactElement => (
  <section className={classes.panel} aria-label={title} data-testid={testId}>
    <div className={classes.panelHead}>
      <Tooltip label={help} multiline w={280} openDelay={250} events={{ hover: true, focus: false, touch: true }}>
        <h3 className={classes.chartTitle}>{title}</h3>
      </Tooltip>
    </div>
    <p className={classes.facts}>{facts}</p>
    <div className={classes.chartBody}>{children}</div>
  </section>
);

interface Drawn {
  readonly colour: string;
  readonly width: number;
}

/** @param width of a chart, in pixels */
export function panelsOf({ seen, kl, looks, look, rewardWords }: DiagnosisView, colour: string, width: number): ReactNode[] {
  const drawn = { colour, width };
  const { pairs, rollouts, likelihood, pool, terms } = seen;
  return [
    pairs === null ? null : <Sides key="sides" pairs={pairs} data={seen.data} {...drawn} />,
    pairs?.margins == null ? null : <Margins key="margins" pairs={pairs} {...drawn} />,
    likelihood === null ? null : (
      <Panel
        key="likelihood"
        testId="diagnosis-likelihood"
        title="Probability of the demonstrated tokens"
        help="How often the policy, sampling, would write the token that is demonstrated, for every completion token of the last batch."
        facts={`${likelihood.count} tokens, on average ${percent(likelihood.mean)}.`}
      >
        <HistogramChart title="Demonstrated tokens" lines={[filled('tokens', likelihood)]} unit="probability" {...drawn} />
      </Panel>
    ),
    rollouts === null ? null : <Ratios key="ratios" ratios={rollouts.ratios} {...drawn} />,
    rollouts === null ? null : <Advantages key="advantages" rollouts={rollouts} {...drawn} />,
    pool === null ? null : <Groups key="groups" groups={pool.groups} {...drawn} />,
    pool === null ? null : <Lengths key="lengths" lengths={pool.lengths} {...drawn} />,
    rollouts === null ? null : <Points key="points" rollouts={rollouts} {...drawn} />,
    looks.length < 2 ? null : (
      <Panel
        key="looks"
        testId="diagnosis-looks"
        title="Reward against KL over time"
        help="One point for every look of this stage, joined in their order; the ring is the step on show. What a policy earns for the distance that it has gone: two runs can be compared by it whatever their speed."
        facts={`${looks.length} looks; at this one ${formatNumber(looks[look]?.y ?? Number.NaN)} at ${formatNumber(looks[look]?.x ?? Number.NaN)} nats.`}
      >
        <PlaneChart
          title="Reward against KL by step"
          points={looks}
          joined
          current={look}
          x="KL to the reference, nats"
          y={rewardWords}
          {...drawn}
        />
      </Panel>
    ),
    kl.length < 2 ? null : (
      <Panel
        key="kl"
        testId="diagnosis-kl"
        title={kl[0]?.exact ? 'KL: exact and estimated' : 'KL: three estimates'}
        help="KL(policy || reference) of whole completions at this look. k1 is the mean log-ratio: unbiased, noisy, at times negative. k2 is half its square: biased. k3 adds e^-rho - 1, which takes noise away and keeps it above 0. k1 and k3 miss what samples never show."
        facts={klFacts(kl)}
      >
        <ShareBars title="KL, nats" bars={kl} colour={colour} />
      </Panel>
    ),
    terms === null ? null : (
      <Panel
        key="terms"
        testId="diagnosis-terms"
        title="Gradient by part of the loss"
        help="Norm of the gradient of each part alone, over the last batch. Parts can point against each other, so the whole may be shorter than any of them."
        facts={termFacts(terms)}
      >
        <ShareBars title="Gradient norms" bars={Object.entries(terms).map(([title, value]) => ({ title, value }))} colour={colour} />
      </Panel>
    ),
  ].filter((panel) => panel !== null);
}

const filled = (title: string, histogram: HistogramLine['histogram']): HistogramLine => ({ title, histogram, look: 'filled' });

const percent = (share: number): string => `${formatNumber(100 * share)} %`;

function Sides({ pairs, data, ...drawn }: Drawn & { pairs: PairsSeen; data: DiagnosisView['seen']['data'] }): ReactElement {
  const { chosen, rejected, measure, ties } = pairs;
  const [up, down] = data === 'unpaired' ? ['desirable', 'undesirable'] : data === 'duels' ? ['winners', 'losers'] : ['chosen', 'rejected'];
  return (
    <Panel
      testId="diagnosis-pairs"
      title={`${measure === 'log-ratio' ? 'Log-ratios' : 'Log-probabilities'}, ${up} and ${down}`}
      help={
        measure === 'log-ratio'
          ? 'Log-probability of each completion of the last batch less that under the reference, summed over its tokens. Below 0 it has become less likely. Both sides falling is common, and bad where the chosen one falls far.'
          : 'Log-probability of each completion of the last batch, summed over its tokens; this objective has no reference to compare with.'
      }
      facts={
        <>
          On average {up} <strong>{formatNumber(chosen.mean)}</strong>, {down} <strong>{formatNumber(rejected.mean)}</strong> nats.
          {ties === 0 ? '' : ` ${plural(ties, 'pair')} left out: no difference to learn from.`}
        </>
      }
    >
      <HistogramChart
        title={`${up} and ${down}`}
        lines={[filled(up as string, chosen), { title: down as string, histogram: rejected, look: 'outline' }]}
        marks={measure === 'log-ratio' ? [{ value: 0, words: 'as the reference' }] : []}
        unit={`${measure}, nats`}
        {...drawn}
      />
    </Panel>
  );
}

function Margins({ pairs, ...drawn }: Drawn & { pairs: PairsSeen }): ReactElement | null {
  if (pairs.margins === null) return null;
  return (
    <Panel
      testId="diagnosis-margins"
      title="Margins"
      help="Chosen less rejected, pair by pair. A loss through the sigmoid of beta times the margin learns most from pairs near and below 0, and next to nothing from those far above."
      facts={
        <>
          <strong>{percent(pairs.ahead ?? 0)}</strong> of {plural(pairs.margins.count, 'pair')} ahead; mean{' '}
          {formatNumber(pairs.margins.mean)} nats.
        </>
      }
    >
      <HistogramChart
        title="Margins"
        lines={[filled('pairs', pairs.margins)]}
        marks={[{ value: 0, words: 'no preference' }]}
        unit="margin, nats"
        {...drawn}
      />
    </Panel>
  );
}

const LEVELS = { token: 'token', completion: 'completion', mean: 'completion (geometric mean of its tokens)' } as const;

function Ratios({ ratios: { level, histogram, clip }, ...drawn }: Drawn & { ratios: RatiosSeen }): ReactElement {
  const what = level === 'token' ? 'tokens' : 'completions';
  return (
    <Panel
      testId="diagnosis-ratios"
      title="Ratios to the sampling policy"
      help={`Probability of each ${LEVELS[level]} of the last batch, after its step, over that when it was sampled. Beyond the clip bounds, and on the side that its advantage points to, it carries no gradient in a step that uses these samples again.`}
      facts={
        clip === null ? (
          `Mean ${formatNumber(histogram.mean)}; this objective clips no ratio.`
        ) : (
          <>
            Clipped low <strong>{percent(clip.lowShare)}</strong> (below {formatNumber(clip.low)}, advantage negative), high{' '}
            <strong>{percent(clip.highShare)}</strong> (above {formatNumber(clip.high)}, positive) of {histogram.count} {what}.
          </>
        )
      }
    >
      <HistogramChart
        title="Ratios"
        lines={[filled(what, histogram)]}
        marks={
          clip === null
            ? [{ value: 1, words: 'as sampled' }]
            : [
                { value: clip.low, words: 'low' },
                { value: clip.high, words: 'high' },
              ]
        }
        unit={`ratio of each ${level === 'token' ? 'token' : 'completion'}`}
        {...drawn}
      />
    </Panel>
  );
}

const Advantages = ({ rollouts: { advantages, withoutAdvantage }, ...drawn }: Drawn & { rollouts: RolloutsSeen }): ReactElement => (
  <Panel
    testId="diagnosis-advantages"
    title="Advantages"
    help="How much better a completion of the last batch is than its baseline, mean over its tokens. Where all stand at 0, nothing is learnt from rewards."
    facts={`${plural(advantages.count, 'completion')}, ${withoutAdvantage === 0 ? 'each with an advantage' : `${withoutAdvantage} of them without one`}.`}
  >
    <HistogramChart
      title="Advantages"
      lines={[filled('completions', advantages)]}
      marks={[{ value: 0, words: 'the baseline' }]}
      unit="advantage"
      {...drawn}
    />
  </Panel>
);

function Groups({
  groups: { size, std, withoutSpread, right, wrong, mixed },
  colour,
  width,
}: Drawn & { groups: GroupsSeen }): ReactElement {
  const all = right + wrong + mixed;
  return (
    <Panel
      testId="diagnosis-groups"
      title="Groups"
      help="Samples of one prompt. The reward's standard deviation within a group is what a group baseline divides by; a group of equal rewards teaches nothing. Right and wrong are the world's own verdict."
      facts={
        <>
          Of {plural(all, 'group')} of {size}: <strong>{mixed}</strong> mixed, {right} all right, {wrong} all wrong;{' '}
          <strong>{withoutSpread}</strong> without any spread of reward.
        </>
      }
    >
      <div className={classes.split} aria-hidden="true">
        {(
          [
            ['all right', right, colour, 0.8],
            ['mixed', mixed, colour, 0.35],
            ['all wrong', wrong, 'var(--lab-reference)', 0.5],
          ] as const
        ).map(([words, count, background, opacity]) =>
          count === 0 ? null : (
            <span key={words} style={{ flexGrow: count }} title={`${words}: ${count}`}>
              <span style={{ background, opacity }} />
              {count / all > 0.14 ? words : ''}
            </span>
          ),
        )}
      </div>
      <HistogramChart
        title="Reward spread in a group"
        lines={[filled('groups', std)]}
        unit="standard deviation of the reward"
        colour={colour}
        width={width}
        height={116}
      />
    </Panel>
  );
}

function Lengths({ lengths: { right, wrong, truncated }, ...drawn }: Drawn & { lengths: LengthsSeen }): ReactElement {
  const all = right.count + wrong.count + truncated.count;
  const mean = ({ count, mean: tokens }: LengthsSeen['right']): string => (count === 0 ? 'none' : `${formatNumber(tokens)} tokens`);
  return (
    <Panel
      testId="diagnosis-lengths"
      title="Lengths, right and wrong"
      help="Lengths of the sampled completions, end token included: of right ones, of wrong ones, and of those that the length limit cut off."
      facts={
        <>
          On average right <strong>{mean(right)}</strong>, wrong <strong>{mean(wrong)}</strong>;{' '}
          {percent(truncated.count / Math.max(1, all))} cut off.
        </>
      }
    >
      <HistogramChart
        title="Lengths"
        stacked
        lines={[
          filled('right', right),
          { title: 'wrong', histogram: wrong, look: 'pale' },
          { title: 'cut off', histogram: truncated, look: 'hatched' },
        ]}
        unit="tokens"
        {...drawn}
      />
    </Panel>
  );
}

const Points = ({ rollouts: { points }, ...drawn }: Drawn & { rollouts: RolloutsSeen }): ReactElement => (
  <Panel
    testId="diagnosis-points"
    title="Reward against KL by completion"
    help="Each completion of the last batch: what it earned, and how much more likely it is than under the reference (k1, summed over its tokens)."
    facts={`${plural(points.length, 'completion')} of the last batch.`}
  >
    <PlaneChart
      title="Reward against KL by completion"
      points={points.map(({ kl, reward }, i) => ({ id: String(i), title: `completion ${i + 1}`, x: kl, y: reward }))}
      x="log-ratio to the reference, nats"
      y="reward"
      {...drawn}
    />
  </Panel>
);

function klFacts(kl: DiagnosisView['kl']): string {
  const [first, ...others] = kl;
  if (first?.exact !== true) return 'Of held-out samples; this world does not have the exact one.';
  const worst = others.reduce((most, bar) => (Math.abs(bar.value - first.value) > Math.abs(most.value - first.value) ? bar : most), first);
  return `Exactly ${formatNumber(first.value)} nats; ${worst.title} is furthest off, by ${formatNumber(worst.value - first.value)}.`;
}

function termFacts(terms: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(terms).sort(([, a], [, b]) => b - a);
  const [largest, second] = sorted;
  if (largest === undefined || second === undefined || largest[1] === 0) return 'No part has a gradient.';
  if (second[1] === 0) return `Only ${largest[0]} has a gradient.`;
  return `${largest[0]} pulls ${formatNumber(largest[1] / second[1])} times as hard as ${second[0]}.`;
}
