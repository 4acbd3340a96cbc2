import { defineLesson } from '../../core/lesson';

export default defineLesson({
  experiment: 'mode-seeking',
  minutes: 25,
  aims: [
    'Say why samples from a frozen reference run out of good examples, and samples from the policy itself do not.',
    'Tell learning from the best of some samples apart from learning from pairs of them.',
    'Read a policy off its distribution and off its entropy.',
  ],
  predictions: [
    {
      kind: 'choice',
      id: 'winner',
      question:
        'The reward peaks where the reference hardly ever samples. All arms ask the reward a thousand times. Which of these ends with the highest expected reward?',
      options: [
        { id: 'offline-bon', text: 'Best-of-n on a thousand samples of the reference, drawn at once' },
        { id: 'offline-dpo', text: 'DPO on pairs of those same samples' },
        { id: 'on-policy-bon', text: 'Best-of-n on ten samples at a time from the policy as it learns' },
      ],
      answer: {
        by: 'highest',
        metric: 'expected_reward',
        arms: { 'offline-bon': 'offline-bon', 'offline-dpo': 'offline-dpo', 'on-policy-bon': 'on-policy-bon' },
      },
      why: 'Samples that follow the policy move with it: each round is drawn a little nearer to the reward than the one before. A frozen set can only be weighed anew, and holds few samples from where the reward is.',
    },
    {
      kind: 'sketch',
      id: 'reward',
      question:
        'Draw how the expected reward of on-policy best-of-n moves over its 300 steps. It begins at about .04; the best there is is 1.',
      metric: 'expected_reward',
      arm: 'on-policy-bon',
      from: 0,
      to: 300,
      low: 0,
      high: 1,
      why: 'While nothing good is sampled there is little to learn from. Once the first good samples come, each makes the next more likely, until nearly all samples are good and they differ too little to teach more.',
    },
    {
      kind: 'choice',
      id: 'entropy',
      question: 'The reference has an entropy of about 4.1 nats. Where does that of on-policy GRPO go?',
      options: [
        { id: 'stays', text: 'It stays within half a nat: the reward is a hill, and the policy spreads over it' },
        { id: 'falls', text: 'It falls by far more: the policy gathers at few bins' },
        { id: 'rises', text: 'It rises: sampling on-policy explores' },
      ],
      answer: {
        by: 'change',
        metric: 'eval/entropy_exact',
        arm: 'on-policy-grpo',
        against: { step: 0 },
        margin: 0.5,
        options: { stays: 'stays', falls: 'falls', rises: 'rises' },
      },
      why: 'Nothing in this setup holds the policy near its reference, so whatever is sampled and rewarded first is made likelier again and again. A KL term would stop it at a spread that can be computed.',
    },
  ],
  checks: [
    {
      id: 'offline-limit',
      question: 'Why does more training not rescue offline best-of-n here?',
      answers: [
        {
          text: 'Its learning rate is too small.',
          right: false,
          because: 'It has converged: it imitates the best samples of a fixed set about as well as it can.',
        },
        {
          text: 'It can become no better than the best samples that the reference happened to draw.',
          right: true,
          because: 'The target is a distribution over samples that exist. What the reference almost never draws is almost never in it.',
        },
        { text: 'The reward is misleading.', right: false, because: 'The reward is exact in this world. It is asked in the wrong places.' },
      ],
    },
    {
      id: 'queries',
      question: 'Every arm may ask the reward a thousand times. What would the comparison lose without that rule?',
      answers: [
        {
          text: 'An arm could win by looking more often rather than by learning better.',
          right: true,
          because: 'On-policy arms could draw without end. Equal queries make it a question of where one looks.',
        },
        {
          text: 'Nothing: steps are equal anyway.',
          right: false,
          because: 'One step of an on-policy arm may cost as many queries as all of an offline arm.',
        },
        {
          text: 'The seeds would not be comparable.',
          right: false,
          because: 'Seeds are paired across arms whatever the number of queries.',
        },
      ],
    },
    {
      id: 'negative',
      question: 'A claim of this experiment did not come out in the recorded runs. What follows?',
      answers: [
        { text: 'The threshold should be lowered.', right: false, because: 'A threshold that is moved after the run proves nothing.' },
        {
          text: 'In this setup the claim did not come out; the page says how the setup differs from the paper.',
          right: true,
          because:
            'A table of logits shares nothing between bins, so pushing bad bins down does not lift the good ones that were never sampled. The same question is asked of a network in the next experiment.',
        },
        {
          text: 'The paper is wrong.',
          right: false,
          because: 'The paper trains a network, and a table of logits is another thing.',
        },
      ],
    },
  ],
  worksheet: [
    'Sketch the distribution over the 100 bins at the start and at the end for one on-policy and one offline arm.',
    'In one sentence: what would have to be true of the reference for the offline arms to do as well?',
    'Move the centre of the reward to 20, where the reference is likely, and run two arms again. What changes, and why?',
  ],
  notes: {
    question: [
      'Show the reference first: most of its mass is on the left and at the two ends, the reward is a hill at bin 70.',
      'Ask the room how many of a thousand samples will land on the hill. It is a few in a hundred.',
    ],
    prediction: ['Let everybody commit before anything moves, by a show of hands. Write the count on the board.'],
    run: ['Watch the distribution, not the loss. The moment when the first samples hit the hill is the whole story.'],
    chart: ['Point out the flat start of the on-policy curve, then the steep part.', 'The bands are the spread over seeds.'],
    verdict: [
      'One claim did not come out. Dwell on it: a table of logits shares nothing between bins.',
      'No claim is about on-policy GRPO. On two of the ten recorded seeds, 6 and 8, it gathered at a wrong bin: train ten of your own and wait for the warning.',
    ],
    notes: ['Leave time for the first question of the worksheet.'],
  },
  takeaways: [
    'Where good answers are rare under the reference, it matters whose samples are scored.',
    'Imitating the best of a fixed set is bounded by that set.',
    'Without a term that holds it, a policy that is rewarded on its own samples gathers at few answers.',
  ],
});
