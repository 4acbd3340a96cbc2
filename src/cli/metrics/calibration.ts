/** Calibration of predictions that are right or wrong. */
import { aurocOf } from '../../metrics/auroc';
import { brierOf } from '../../metrics/brier';
import { debiasedEceOf, debiasedSquaredOf, eceOf } from '../../metrics/ece';
import { nllOf } from '../../metrics/nll';
import { BINS, type Prediction, type ReliabilityBin, reliabilityBins } from '../../metrics/reliability';
import { aurcOf, riskCoverage } from '../../metrics/risk-coverage';
import { type Answer, defineEntry, type MetricEntry, type Option, type Settings } from './define';
import { flagOf, numberOf } from './rows';

interface Calibration {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly rule: string;
  readonly options?: readonly Option[];
  compute(predictions: readonly Prediction[], settings: Settings): Answer;
}

const calibration = ({ compute, ...rest }: Calibration): MetricEntry =>
  defineEntry<Prediction>({
    ...rest,
    reads: '"confidence": the probability, from 0 to 1, with which the answer was held for right; "correct": true or false.',
    examples: ['{"confidence": 0.8, "correct": true}'],
    read: (row) => ({
      confidence: numberOf(row, 'confidence', 'Give the probability that the answer is right, from 0 to 1.', { min: 0, max: 1 }),
      correct: flagOf(row, 'correct', 'Give true where the answer was right and false where it was not.'),
    }),
    compute(predictions, settings) {
      const { value, details, note } = compute(predictions, settings);
      return { value, details: { predictions: predictions.length, ...details }, ...(note === undefined ? {} : { note }) };
    },
  });

const MASS = `Bins of equal mass: the predictions, sorted by confidence, in --bins (${BINS}) runs of one length. Predictions of one confidence share their accuracy, so their order changes nothing.`;

/** ECE in both forms with the diagram; `value` picks which of them is asked for. */
const binned =
  (value: (bins: readonly ReliabilityBin[]) => number): Calibration['compute'] =>
  (predictions, { bins: most }) => {
    const bins = reliabilityBins(predictions, most);
    const rows = bins.map(({ count, confidence, accuracy, from, to }) => ({ from, to, count, confidence, accuracy }));
    return {
      value: value(bins),
      details: { ece: eceOf(bins), debiased: debiasedEceOf(bins), squared_debiased: debiasedSquaredOf(bins), bins: rows },
    };
  };

export const CALIBRATION: readonly MetricEntry[] = [
  calibration({
    id: 'ece',
    title: 'Expected calibration error, and its debiased form',
    rule: MASS,
    options: ['bins'],
    compute: binned(eceOf),
  }),
  calibration({
    id: 'ece-debiased',
    title: 'Expected calibration error less what chance adds to it',
    rule: `${MASS} Debiased: 2 |gap| - E|gap| for each bin, its accuracy being normal around what was seen. The squared error stands beside it without bias.`,
    options: ['bins'],
    compute: binned(debiasedEceOf),
  }),
  calibration({
    id: 'reliability',
    aliases: ['reliability-diagram'],
    title: 'Reliability diagram: confidence, accuracy and count of every bin; its value is the ECE',
    rule: MASS,
    options: ['bins'],
    compute: binned(eceOf),
  }),
  calibration({
    id: 'brier',
    aliases: ['brier-score'],
    title: 'Brier score: mean squared difference to 1 or 0',
    rule: 'Lower is better; a constant .5 scores .25.',
    compute: (predictions) => ({ value: brierOf(predictions) }),
  }),
  calibration({
    id: 'nll',
    aliases: ['log-score', 'log-loss'],
    title: 'Negative log-likelihood in nats',
    rule: 'Infinite where a prediction was certain and wrong.',
    compute(predictions) {
      const value = nllOf(predictions);
      const certain = predictions.filter(({ confidence, correct }) => confidence === (correct ? 0 : 1)).length;
      return {
        value,
        ...(certain > 0 ? { note: `Infinite: a confidence of 0 or 1 turned out to be wrong in ${certain} of the lines.` } : {}),
      };
    },
  }),
  calibration({
    id: 'auroc',
    aliases: ['auc', 'roc-auc'],
    title: 'AUROC: probability that a right answer was held surer than a wrong one',
    rule: 'Ties count half.',
    compute(predictions) {
      const value = aurocOf(predictions);
      return {
        value,
        ...(Number.isNaN(value) ? { note: 'It compares right answers with wrong ones, and the input has only one kind.' } : {}),
      };
    },
  }),
  calibration({
    id: 'risk-coverage',
    aliases: ['aurc'],
    title: 'Risk-coverage curve; its value is the area under it (AURC)',
    rule: 'Risk is the share that is wrong among the surest predictions; within predictions of one confidence, the expected value over their orders.',
    compute: (predictions) => ({
      value: aurcOf(predictions),
      details: { curve: riskCoverage(predictions).map(({ coverage, risk, confidence }) => ({ coverage, risk, confidence })) },
    }),
  }),
];
