import { defineLesson } from '../../core/lesson';

export default defineLesson({
  experiment: 'sums-dpo',
  minutes: 30,
  aims: [
    'Say what a preference pair holds that a demonstration does not.',
    'Tell ranking apart from answering, and name the metric of each.',
    'Explain how DPO can lower the probability of the answers that it is taught to prefer.',
  ],
  predictions: [
    {
      kind: 'choice',
      id: 'chosen',
      question:
        'DPO is shown right answers as chosen and wrong ones as rejected. What happens to the log-probability of the chosen ones, against the reference?',
      options: [
        { id: 'rises', text: 'It ends above the reference: they are the ones to prefer' },
        { id: 'stays', text: 'It ends within .05 nats of the reference: only the rejected ones are moved' },
        { id: 'falls', text: 'It ends below the reference: both fall, the rejected ones further' },
      ],
      answer: {
        by: 'change',
        metric: 'logratios/chosen',
        arm: 'dpo',
        against: { value: 0 },
        margin: 0.05,
        options: { rises: 'rises', stays: 'stays', falls: 'falls' },
      },
      why: 'The loss asks for a difference, and a difference grows as well when both fall. In a network the two answers share most of their tokens and all of their weights, so pushing one down drags the other along.',
    },
    {
      kind: 'sketch',
      id: 'accuracy',
      question:
        'SFT ends at step 300 with nearly all held-out sums right. Draw how often a sampled answer is right while DPO trains on pairs from there to step 600.',
      metric: 'eval/accuracy',
      arm: 'dpo',
      from: 300,
      to: 600,
      low: 0,
      high: 1,
      why: 'Ranking pairs and writing answers are two skills. The pairs say nothing of all the other answers that a policy could write, and what is taken from the two in the pair has to go somewhere.',
    },
  ],
  checks: [
    {
      id: 'pair',
      question: 'What does a preference pair hold that a demonstration does not?',
      answers: [
        { text: 'A longer prompt.', right: false, because: 'The prompt is the same. What is added is a second answer that lost.' },
        {
          text: 'One perfect answer.',
          right: false,
          because: 'That is a demonstration. In a pair neither answer has to be perfect; one has to be better.',
        },
        {
          text: 'An answer that was preferred over another one to the same prompt.',
          right: true,
          because: 'The comparison is the signal. It is often easier to say which of two answers is better than to write the best one.',
        },
      ],
    },
    {
      id: 'capability',
      question: 'Which of these is the wrong job for pairs alone?',
      answers: [
        {
          text: 'Choosing between two ways of writing that are both acceptable.',
          right: false,
          because: 'That is what pairs are good at: ranking what the policy can write already.',
        },
        {
          text: 'Teaching arithmetic to a policy that gets no sum right.',
          right: true,
          because: 'Pairs rank what is there. A policy without the skill can learn to prefer right answers and still not produce them.',
        },
        {
          text: 'Drawing the line at which a request is declined.',
          right: false,
          because: 'Such lines are hard to write down and easy to compare by.',
        },
      ],
    },
    {
      id: 'metric',
      question: 'Pair accuracy is near one and sampled answers got worse. Which of the two does a user notice?',
      answers: [
        {
          text: 'Pair accuracy: it is the goal of the training.',
          right: false,
          because: 'Nobody who uses a policy shows it two answers. It is asked to write one.',
        },
        {
          text: 'The sampled answers.',
          right: true,
          because: 'So watch both, and watch the log-probability of the chosen answers, which tells early that something is lost.',
        },
        { text: 'Neither: the two measure the same.', right: false, because: 'They came apart in this very run.' },
      ],
    },
    {
      id: 'null',
      question: 'The null arm takes the same steps on the same pairs with their labels shuffled. What is it there for?',
      answers: [
        {
          text: 'To show how much label noise DPO bears.',
          right: false,
          because:
            'Half of the labels flipped is not noise on a signal: there is no signal left. Set the share of flipped labels to .2 for that question.',
        },
        {
          text: 'To show what any 300 steps on pairs would have done to the claim.',
          right: true,
          because: 'A bar that the null arm passes as well says nothing about the labels. So the effect is read beside it.',
        },
        {
          text: 'To make the other arm look better.',
          right: false,
          because: 'The threshold was fixed before either was run, and the null arm does not enter it.',
        },
      ],
    },
  ],
  worksheet: [
    'Write down one pair from the sample table and say in which digit its wrong answer is wrong.',
    'Halve beta and run one seed again. Do pair accuracy and exact match move in the same direction?',
    'Name something at your own work for which pairs are easier to collect than right answers.',
  ],
  notes: {
    question: ['Start with the pair: same sum, one right answer and one that is plausibly wrong. Ask which is easier to collect at scale.'],
    prediction: ['Nearly everybody expects the chosen answers to gain. Do not give it away.'],
    run: ['The first half is SFT; the change of stage is where to look.', 'Keep the chart of chosen and rejected in sight.'],
    chart: ['Two curves over the same steps: pair accuracy climbs back, exact match need not.'],
    verdict: [
      'The claim was about pairs and it was reached. Ask whether you would ship this policy.',
      'Compare with the null arm: the same pairs, and labels that say nothing.',
    ],
    notes: ['If there is time, add the SFT term to the loss (RPO) and show what it holds.'],
  },
  takeaways: [
    'DPO learns a difference. Watch both of its sides, not only the margin.',
    'To prefer the right answer is not yet to write it.',
    'Pairs rank what a policy can do; demonstrations teach it to do it.',
  ],
});
