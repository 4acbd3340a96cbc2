import { defineLesson } from '../../core/lesson';

export default defineLesson({
  experiment: 'sums-grpo',
  minutes: 25,
  aims: [
    'Explain how a group of samples and a rule that only says right or wrong make a gradient.',
    'Say when that gradient is zero.',
    'Tell what a reward teaches from what demonstrations teach.',
  ],
  predictions: [
    {
      kind: 'sketch',
      id: 'accuracy',
      question:
        'Imitation stops at step 200, when somewhat more than half of the held-out sums come out right. From there on the policy is told only whether each answer is right. Draw its accuracy to step 400.',
      metric: 'eval/accuracy',
      arm: 'grpo',
      from: 200,
      to: 400,
      low: 0,
      high: 1,
      why: 'A policy that is right half of the time gets groups with both right and wrong answers, which is where the signal is. The better it gets, the more groups are all right, and the less there is to learn from them.',
    },
    {
      kind: 'choice',
      id: 'diversity',
      question: 'Several answers are sampled for each sum. What happens to the share of different ones among them while GRPO trains?',
      options: [
        { id: 'rises', text: 'It rises: the policy tries more' },
        { id: 'stays', text: 'It stays within .05' },
        { id: 'falls', text: 'It falls: the answers agree more and more' },
      ],
      answer: {
        by: 'change',
        metric: 'unique_completions',
        arm: 'grpo',
        against: { step: 200 },
        margin: 0.05,
        options: { rises: 'rises', stays: 'stays', falls: 'falls' },
      },
      why: 'A sum has one right answer, so agreeing is what being right looks like here. Where many answers are good the same force is a loss.',
    },
    {
      kind: 'choice',
      id: 'coin',
      question:
        'In the null arm the same policy takes the same 200 steps, and a coin is flipped for each answer in place of the reward. Where does its accuracy end, against where it began?',
      options: [
        { id: 'rises', text: 'Above it: any training of this kind sharpens the policy' },
        { id: 'stays', text: 'Within .1 of it: a coin teaches nothing, so nothing happens' },
        { id: 'falls', text: 'Below it: steps without information still move the policy' },
      ],
      answer: {
        by: 'change',
        metric: 'eval/accuracy',
        arm: 'coin',
        against: { step: 200 },
        margin: 0.1,
        options: { rises: 'rises', stays: 'stays', falls: 'falls' },
      },
      why: 'A group on a coin differs in reward as often as one on a rule, and what the coin paid is made likelier whatever it says. Whether an effect is due to the reward can only be told beside such an arm.',
    },
  ],
  checks: [
    {
      id: 'zero',
      question: 'All eight answers to one sum are right. What does this group add to the gradient?',
      answers: [
        {
          text: 'A strong push towards these answers.',
          right: false,
          because: 'An advantage is a reward against the mean of the group, and all of them are at the mean.',
        },
        {
          text: 'Nothing.',
          right: true,
          because: 'Without a difference in reward within the group every advantage is zero. The same holds where all eight are wrong.',
        },
        { text: 'It depends on the learning rate.', right: false, because: 'The rate scales the gradient; zero stays zero.' },
      ],
    },
    {
      id: 'half',
      question: 'Why does the experiment begin with a policy that gets about half of its sums right?',
      answers: [
        {
          text: 'A policy that is never right is never rewarded, and learns nothing from this reward.',
          right: true,
          because: 'A rule that says right or wrong sharpens what is sometimes done. It cannot point to what is never tried.',
        },
        { text: 'GRPO needs exactly half.', right: false, because: 'It needs groups that differ in reward; half makes many of them.' },
        {
          text: 'To save time.',
          right: false,
          because: 'More imitation would in fact be quicker here, as the experiment on imitation shows.',
        },
      ],
    },
    {
      id: 'loss',
      question: 'The loss of GRPO hovers around zero from start to end. What does that tell?',
      answers: [
        { text: 'It has not begun to learn.', right: false, because: 'The reward says otherwise.' },
        {
          text: 'Almost nothing: advantages of a group add up to zero by construction.',
          right: true,
          because: 'Watch the reward, the share of groups without a difference, and the gradient norm.',
        },
        { text: 'The KL term holds it there.', right: false, because: 'There is no KL term in this setup.' },
      ],
    },
  ],
  worksheet: [
    'Take one group from the sample table: write down its eight rewards, their mean, and each advantage.',
    'How many groups are all right or all wrong at the start and at the end? (Chart: groups of equal reward.)',
    'Begin from 100 steps of imitation instead of 200. Predict first, then run it.',
  ],
  notes: {
    question: ['One bit for each answer, no worked solution: ask whether that can teach anything.'],
    prediction: ['Draw two curves yourself on the board, one that saturates and one that collapses, and let people vote.'],
    run: ['At step 200 the objective changes. The loss will look like nothing; say so before somebody asks.'],
    chart: ['The arm that stops early is the line to beat.'],
    verdict: [
      'The effect is a difference between paired seeds: the same imitation, with and without what follows.',
      'The null arm is the same steps on a coin: had it passed the first bar as well, the bar would have said nothing about the reward.',
    ],
    notes: ['Bridge to language models: a checkable answer is what makes this possible.'],
  },
  takeaways: [
    'A right-or-wrong rule teaches through groups that hold both.',
    'The reward sharpens what the policy can already do some of the time.',
    'Look at reward and gradient norm; the loss says next to nothing.',
  ],
});
